"""`tarazy bank payouts DIR`: payouts with their states, and those that were sent long ago and are not booked."""

from __future__ import annotations

import argparse

from rich.table import Table

from tarazy.cli.arguments import positive
from tarazy.cli.bank.desk import add_book, open_book
from tarazy.cli.output import Output
from tarazy.facility.banking.amounts import decimal_text, scale_of
from tarazy.facility.banking.payouts import payouts
from tarazy.facility.banking.sending import overdue

STATES = ("proposed", "approved", "sent", "accepted", "rejected", "booked", "withdrawn")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_book(parser)
    parser.add_argument("--state", choices=STATES, default="", help="only those of a state")
    parser.add_argument("--age", type=positive, default=3, metavar="DAYS", help="not booked after so many days (3)")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """List payouts."""
    with open_book(arguments) as book:
        found, late = payouts(book, arguments.state), overdue(book, arguments.age)
    table = Table("payout", "payment", "amount", "to", "state", "reason", box=None)
    for each in found:
        amount = f"{decimal_text(each.amount_minor, scale_of(each.currency))} {each.currency}"
        table.add_row(str(each.payout), each.end_to_end_id, amount, each.payee.iban, each.state, each.reason)
    output.show(table)
    for each in late:
        output.say(f"{each.end_to_end_id} was sent more than {arguments.age} days ago and is not booked: ask the bank")
    overdue_ids = [each.end_to_end_id for each in late]
    output.result({"payouts": [each.plain() for each in found], "overdue": overdue_ids})
    return 0
