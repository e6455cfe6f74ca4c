"""`tarazy rules export FILE`: the rulebook as one JSON object, and the SHA-256 by which a record names the release."""

from __future__ import annotations

import argparse
from hashlib import sha256
from pathlib import Path

from tarazy.cli.output import Output
from tarazy.platform.storage.files import write_whole
from tarazy.rulebook.release import SCHEMA, canonical, exported


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="the file to write; an older one is replaced as a whole"
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Write one release."""
    text = canonical()
    write_whole(arguments.file, text)
    digest, rules = sha256(text).hexdigest(), len(exported()["rules"])
    output.say(f"wrote {arguments.file}: {rules} rules, {len(text):,} bytes, SHA-256 {digest}")
    output.result({"file": str(arguments.file), "schema": SCHEMA, "rules": rules, "bytes": len(text), "sha256": digest})
    return 0
