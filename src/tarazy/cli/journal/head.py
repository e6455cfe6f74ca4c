"""`tarazy head DIR`: the newest signed head of a journal, as a note that other tools check. Writes nothing."""

from __future__ import annotations

import argparse

from tarazy.cli.arguments import add_journal, add_json, positive
from tarazy.cli.output import Output
from tarazy.journal.proof_text import head_values
from tarazy.journal.proving import find_head, newest_key


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_journal(parser)
    parser.add_argument("--size", type=positive, metavar="N", help="the head over the first N frames, not the newest")
    parser.add_argument(
        "--verifier-key", action="store_true", help="print the key that checks the heads, as name+hash+key, instead"
    )
    add_json(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Print one head or the key."""
    if arguments.verifier_key:
        key = str(newest_key(arguments.directory))
        output.text(f"{key}\n".encode())
        output.result({"verifier_key": key})
        return 0
    signed = find_head(arguments.directory, arguments.size)
    output.text(signed.note)
    output.result(head_values(signed.note) | {"verifier_key": str(signed.key)})
    return 0
