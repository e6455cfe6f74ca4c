"""`tarazy prove-consistency DIR OLD_SIZE [NEW_SIZE]`: the proof that one head goes on from another. Writes nothing."""

from __future__ import annotations

import argparse

from tarazy.cli.arguments import add_journal, add_json, positive
from tarazy.cli.output import Output
from tarazy.journal.proving import prove_growth


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_journal(parser)
    parser.add_argument("old_size", type=positive, metavar="OLD_SIZE", help="size of the head that you hold")
    parser.add_argument(
        "new_size", type=positive, nargs="?", metavar="NEW_SIZE", help="size of a later head (the newest)"
    )
    add_json(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Print one proof."""
    proof = prove_growth(arguments.directory, arguments.old_size, arguments.new_size)
    output.text(proof.text())
    output.result(proof.values())
    return 0
