"""`tarazy bank match DIR`: match what waits with what is known now, or give an item to a client by hand."""

from __future__ import annotations

import argparse

from tarazy.cli.arguments import positive
from tarazy.cli.bank.desk import add_book, open_book
from tarazy.cli.errors import CliError
from tarazy.cli.facility.client_desk import actor_of, add_actor
from tarazy.cli.output import Output
from tarazy.facility.banking.items import allocate, items, match_again


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_book(parser)
    parser.add_argument("--item", type=positive, metavar="N", help="the item that an officer gives to a client")
    parser.add_argument("--client", type=positive, metavar="N", help="the client, with --item")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why, with --item")
    add_actor(parser, needed=False)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Match."""
    if (arguments.item is None) != (arguments.client is None):
        raise CliError("expected --item N together with --client N, found one of them")
    actor = actor_of(arguments) if arguments.item is not None else None
    with open_book(arguments) as book:
        matched = match_again(book)
        if actor is not None:
            allocate(book, actor, arguments.item, arguments.client, arguments.reason)
            matched += 1
        left = len(items(book, "unallocated"))
    output.say(f"{matched} matched, {left} unallocated")
    output.result({"matched": matched, "unallocated": left})
    return 0
