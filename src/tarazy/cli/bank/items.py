"""`tarazy bank items DIR`: what came in on accounts of client money, whose it is, and until when it must go back."""

from __future__ import annotations

import argparse

from rich.table import Table

from tarazy.cli.bank.desk import add_book, open_book
from tarazy.cli.documents.arguments import day
from tarazy.cli.output import Output
from tarazy.facility.banking.amounts import decimal_text, scale_of
from tarazy.facility.banking.items import items

STATES = ("unallocated", "matched", "credited", "received")
SHOWN_MAX = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_book(parser)
    parser.add_argument("--state", choices=STATES, default="", help="only those of a state")
    parser.add_argument("--due", type=day, metavar="DAY", help="only what nobody claims and must go back by a day")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """List items."""
    with open_book(arguments) as book:
        found = items(book, arguments.state, arguments.due.isoformat() if arguments.due else "")
    table = Table("item", "arrived", "amount", "payer", "state", "client", "back by", "why", box=None)
    for each in found[:SHOWN_MAX]:
        amount = f"{decimal_text(each.amount_minor, scale_of(each.currency))} {each.currency}"
        whose = (each.state, str(each.client or "-"), each.return_by, each.reason)
        table.add_row(str(each.item), each.arrived_on, amount, each.payer_name[:40], *whose)
    output.show(table)
    if len(found) > SHOWN_MAX:
        output.say(f"... and {len(found) - SHOWN_MAX} more")
    output.result({"items": [each.plain() for each in found]})
    return 0
