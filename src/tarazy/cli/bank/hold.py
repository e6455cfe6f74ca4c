"""`tarazy bank hold DIR`: statements that are held, with the reason; released by two officers, or refused by one."""

from __future__ import annotations

import argparse

from rich.table import Table

from tarazy.cli.arguments import positive
from tarazy.cli.bank.desk import add_book, open_book
from tarazy.cli.errors import CliError
from tarazy.cli.facility.client_desk import actor_of, add_actor
from tarazy.cli.output import Output
from tarazy.facility.banking.holds import OPEN_HOLDS, StatementHold, holds, refuse_hold, release_hold


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_book(parser)
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--release", type=positive, metavar="N", help="ask for the release of this hold, or confirm it")
    chosen.add_argument("--refuse", type=positive, metavar="N", help="take this statement out of the book for good")
    chosen.add_argument("--all", action="store_true", help="list those that were decided too")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why, with --release and --refuse")
    add_actor(parser, needed=False)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """List holds, or decide one."""
    number = arguments.release or arguments.refuse
    if number is not None and not arguments.reason:
        raise CliError("expected --reason TEXT with --release and --refuse, found none")
    actor = actor_of(arguments) if number is not None else None
    with open_book(arguments) as book:
        if actor is not None:
            act = release_hold if arguments.release else refuse_hold
            done = act(book, actor, number, arguments.reason)
            output.say(f"hold {done.hold} of statement {done.statement_id}: {done.state}")
        found = holds(book, *(() if arguments.all else OPEN_HOLDS))
    show(found, output)
    output.result({"holds": [each._asdict() for each in found]})
    return 0


def show(found: list[StatementHold], output: Output) -> None:
    """Print a line for each hold."""
    table = Table("hold", "account", "statement", "since", "state", "why", "asked because", box=None)
    for each in found:
        account = f"{each.account} {each.currency}"
        why = (each.at, each.state, each.reason, each.asked_reason)
        table.add_row(str(each.hold), account, each.statement_id, *why)
    output.show(table)
