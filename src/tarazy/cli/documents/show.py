"""`tarazy documents show DIR SHA256`: what is known of a document; --out writes it, after its hash was checked."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.documents.arguments import add_digest, add_store
from tarazy.cli.output import Output
from tarazy.platform.documents.store import Documents


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_store(parser)
    add_digest(parser)
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the document there; an existing file stays")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show one document; exit code 1 where it is not there whole."""
    store = Documents(arguments.directory)
    entry = store.entry(arguments.digest)
    if arguments.out is not None:
        data = store.read(arguments.digest)
        with open(arguments.out, "xb") as file:
            file.write(data)
    state = store.states([arguments.digest])[arguments.digest]
    for name, value in entry.plain().items():
        if value != "":
            output.say(f"{name:13} {value}")
    output.say(f"{'state':13} {state}")
    output.result(entry.plain() | {"state": state})
    return 0 if state in ("present", "deleted") else 1
