"""`tarazy head DIR`: the newest signed head of a journal, as a note that other tools check. Writes nothing."""

from __future__ import annotations

import argparse

from tarazy.cli.arguments import add_journal, add_json, positive
from tarazy.cli.output import Output
from tarazy.journal.identity import load_identity
from tarazy.journal.note import verifier_key
from tarazy.journal.proof_text import head_values
from tarazy.journal.proving import find_head


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
    identity = load_identity(arguments.directory)
    key = str(verifier_key(identity.facility_id, identity.public_key))
    if arguments.verifier_key:
        output.text(f"{key}\n".encode())
        output.result({"verifier_key": key})
        return 0
    note = find_head(arguments.directory, arguments.size).note
    output.text(note)
    output.result(head_values(note) | {"verifier_key": key})
    return 0
