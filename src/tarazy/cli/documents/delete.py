"""`tarazy documents delete DIR SHA256 --reason TEXT`: after the retention date only; who, when and why stay."""

from __future__ import annotations

import argparse

from tarazy.cli.documents.arguments import add_by, add_digest, add_store, by, line
from tarazy.cli.output import Output
from tarazy.platform.documents.store import Documents


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_store(parser)
    add_digest(parser)
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why it is deleted")
    add_by(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Delete one document."""
    entry = Documents(arguments.directory).delete(arguments.digest, by(arguments), arguments.reason)
    output.say(line(entry))
    output.result(entry.plain())
    return 0
