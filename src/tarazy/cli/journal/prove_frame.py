"""`tarazy prove-frame DIR FRAME`: the proof that a signed head holds a frame, as C2SP tlog-proof. Writes nothing."""

from __future__ import annotations

import argparse

from tarazy.cli.arguments import add_journal, add_json, positive
from tarazy.cli.output import Output
from tarazy.journal.proving import prove_frame


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_journal(parser)
    parser.add_argument("frame", type=positive, metavar="FRAME", help="number of the frame, as a receipt names it")
    parser.add_argument("--size", type=positive, metavar="N", help="under the head over N frames, not the newest")
    add_json(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Print one proof."""
    proof = prove_frame(arguments.directory, arguments.frame, arguments.size)
    output.text(proof.text())
    output.result(proof.values())
    return 0
