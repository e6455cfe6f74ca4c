"""`tarazy bank commands DIR FILE`: what the record lacks, as commands for `tarazy instruct draft --from FILE`.

Nothing is signed or sent here. Two watchers, each with its own copy of the bank's files, sign the draft; the engine
takes each evidence once, so that a list that is handed in twice credits nothing twice.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tarazy.cli.bank.desk import add_book, open_book
from tarazy.cli.bank.payments import recorded_in
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.domain.instructions import COMMANDS_MAX
from tarazy.facility.banking.items import commands
from tarazy.facility.banking.payment_commands import payment_commands
from tarazy.platform.storage.files import write_whole


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_book(parser)
    parser.add_argument("file", type=Path, metavar="FILE", help="the list to write; an existing file stays")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Write the list, at most as many commands as one instruction covers."""
    if arguments.file.exists():
        raise CliError(f"{arguments.file}: expected a new file, found one that is there")
    with open_book(arguments) as book:
        found = commands(book) + payment_commands(book, recorded_in(arguments.directory))
    listed = found[:COMMANDS_MAX]
    if listed:
        write_whole(arguments.file, json.dumps(listed, indent=2).encode() + b"\n")
    left = len(found) - len(listed)
    output.say(f"{len(listed)} commands written, {left} left for the next list")
    output.result(
        {"file": str(arguments.file) if listed else None, "commands": len(listed), "left": len(found) - len(listed)}
    )
    return 0
