"""`tarazy custody screen DIR SOURCE --chain CHAIN --list FILE`, or `--address ADDRESS` to ask the lists."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.custody.desk import actor_of, add_actor, add_desk, open_store
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.facility.custody.address_lists import ListScreen, replace_list


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_desk(parser)
    parser.add_argument("--chain", required=True, metavar="CHAIN", help="CAIP-2 name of the chain")
    parser.add_argument("--source", metavar="TEXT", help="whose list it is")
    parser.add_argument("--list", type=Path, metavar="FILE", help="one address a line; it replaces the source's list")
    parser.add_argument("--address", metavar="ADDRESS", help="ask whether an address is on a list")
    add_actor(parser, needed=False)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Take a list in, or ask; exit code 1 where an address is listed."""
    if (arguments.list is None) == (arguments.address is None) or bool(arguments.list) != bool(arguments.source):
        raise CliError("expected --source with --list, or --address alone, found another choice of them")
    with open_store(arguments) as store:
        if arguments.address is not None:
            reason = ListScreen(store)(arguments.chain, arguments.address)
            output.say(f"{arguments.address}: {reason or 'on no list'}")
            output.result({"address": arguments.address, "reason": reason})
            return 1 if reason else 0
        with arguments.list.open(encoding="utf-8", errors="replace") as lines:
            count = replace_list(store, actor_of(arguments), arguments.source, arguments.chain, lines)
    output.say(f"{arguments.source}: {count} addresses of {arguments.chain}")
    output.result({"source": arguments.source, "count": count})
    return 0
