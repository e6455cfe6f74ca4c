"""`tarazy bank pack DIR FILE --from DAY --to DAY`: what a bank may ask of a provider, without names."""

from __future__ import annotations

import argparse
import json
from hashlib import sha256
from pathlib import Path

from tarazy.cli.bank.desk import add_book, open_book
from tarazy.cli.documents.arguments import day
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.facility.banking.data_pack import data_pack
from tarazy.platform.storage.files import write_whole


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_book(parser)
    parser.add_argument("file", type=Path, metavar="FILE", help="the pack to write, as JSON; an existing file stays")
    parser.add_argument("--from", type=day, dest="begins", required=True, metavar="DAY", help="first day")
    parser.add_argument("--to", type=day, dest="ends", required=True, metavar="DAY", help="last day")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Write the pack."""
    if arguments.file.exists():
        raise CliError(f"{arguments.file}: expected a new file, found one that is there")
    if arguments.begins > arguments.ends:
        raise CliError(f"expected --from before --to, found {arguments.begins} and {arguments.ends}")
    with open_book(arguments) as book:
        found = data_pack(book, arguments.begins, arguments.ends)
    content = json.dumps(found, indent=2, ensure_ascii=False).encode() + b"\n"
    write_whole(arguments.file, content)
    digest = sha256(content).hexdigest()
    output.say(f"wrote {arguments.file}, SHA-256 {digest}")
    output.result({"file": str(arguments.file), "sha256": digest, "accounts": len(found["accounts"])})
    return 0
