"""`tarazy bank return DIR FILE --item N --destination JSON`: ask the record to send money back to who paid it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tarazy.cli.arguments import positive
from tarazy.cli.bank.desk import add_book, open_book
from tarazy.cli.bank.payments import destination_from
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.facility.banking.returns import return_command
from tarazy.platform.storage.files import write_whole


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_book(parser)
    parser.add_argument("file", type=Path, metavar="FILE", help="the list to write; an existing file stays")
    parser.add_argument("--item", type=positive, required=True, metavar="N", help="the item that goes back")
    parser.add_argument(
        "--destination", type=Path, required=True, metavar="FILE", help="the account that paid, as JSON"
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Write the list of one command, for tarazy instruct draft --from FILE."""
    if arguments.file.exists():
        raise CliError(f"{arguments.file}: expected a new file, found one that is there")
    with open_book(arguments) as book:
        found = return_command(book, arguments.item, destination_from(arguments.destination))
    write_whole(arguments.file, json.dumps([found], indent=2).encode() + b"\n")
    output.say(f"wrote {arguments.file}; once it is approved in the record, tarazy bank pay pays it")
    output.result({"file": str(arguments.file), "command": found})
    return 0
