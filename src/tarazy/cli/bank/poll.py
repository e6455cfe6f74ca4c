"""`tarazy bank poll DIR --folder FOLDER` or `--channel FILE`: take what the bank has left: statements, reports."""

from __future__ import annotations

import argparse

from tarazy.cli.bank.channels import add_channel, open_channel
from tarazy.cli.bank.desk import add_book, open_book
from tarazy.cli.output import Output
from tarazy.facility.banking.banks.file_drop import SETTLE_S
from tarazy.facility.banking.sending import poll


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_book(parser)
    add_channel(parser)
    parser.add_argument(
        "--settle", type=float, default=SETTLE_S, metavar="S", help="seconds without a change until a file counts (5)"
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Look once."""
    with open_book(arguments) as book:
        found = poll(book, *open_channel(arguments, book, arguments.settle))
    new = sum(each.new for each in found.imported)
    output.say(f"{new} statements, {found.statuses} statuses, {found.booked} payouts booked")
    held = sum(each.held for each in found.imported)
    if held:
        output.warn(f"{held} statements are held, nothing of them is credited: tarazy bank hold says why")
    for line in found.odd:
        output.say(f"does not fit: {line}")
    for name, why in found.refused:
        output.say(f"{name}: put aside: {why}")
    values = {**found._asdict(), "imported": [each._asdict() for each in found.imported]}
    output.result(values)
    return 1 if found.refused or found.odd or held else 0
