"""`tarazy custody cold-join DIR FILE ...`: bring the signatures together; the next round of custody sends the move."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.custody.desk import add_desk, open_store
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.facility.custody.offline_files import join_files, read_offline
from tarazy.facility.custody.payment_drafts import read_content
from tarazy.facility.custody.payment_notes import note_signed
from tarazy.facility.custody.withdrawal_rows import find_payment


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="files that cold-sign wrote")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Join files; exit code 1 while signatures are missing."""
    file = join_files([read_offline(path) for path in arguments.files])
    digest = read_content(file.chain, file.draft).digest.hex()
    if not file.signed:
        output.say("more signatures are needed")
        output.result({"digest": digest, "complete": False})
        return 1
    with open_store(arguments) as store:
        payment = find_payment(store, digest)
        if payment.state != "drafted":
            raise CliError(f"expected a move that waits for its signatures, found one that is {payment.state}")
        with store.changing():
            note_signed(store, payment, file.signed)
    output.say(f"move {digest[:16]} is complete; tarazy custody run sends it")
    output.result({"digest": digest, "complete": True})
    return 0
