"""`tarazy documents retain DIR SHA256 --until DAY`: a client stays, a dispute begins: the date moves on, never back."""

from __future__ import annotations

import argparse

from tarazy.cli.documents.arguments import add_by, add_digest, add_store, by, day, line
from tarazy.cli.output import Output
from tarazy.platform.documents.store import Documents


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_store(parser)
    add_digest(parser)
    parser.add_argument("--until", type=day, required=True, metavar="DAY", help="last day on which it must stay")
    add_by(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Move one date on."""
    entry = Documents(arguments.directory).retain(arguments.digest, arguments.until, by(arguments))
    output.say(line(entry))
    output.result(entry.plain())
    return 0
