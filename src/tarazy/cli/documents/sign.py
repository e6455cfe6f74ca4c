"""`tarazy documents sign DIR --facility FACILITY`: the facility signs the index as it is now."""

from __future__ import annotations

import argparse
from pathlib import Path

from tarazy.cli.documents.arguments import add_store
from tarazy.cli.documents.missing import covered_line
from tarazy.cli.output import Output
from tarazy.journal.identity import load_identity
from tarazy.journal.keys import load_signing_key
from tarazy.journal.proving import newest_key
from tarazy.journal.verify import verify
from tarazy.platform.documents.store import Documents


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_store(parser)
    parser.add_argument("--facility", type=Path, required=True, metavar="DIR", help="folder of the facility's journal")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Sign once; exit code 1 where the record itself is damaged."""
    report = verify(arguments.facility)
    if report.damage is not None:
        raise report.damage
    key = newest_key(arguments.facility).public_key
    signer = load_signing_key(arguments.facility, load_identity(arguments.facility), key)
    covered = Documents(arguments.directory).sign(signer, report.public_keys | {key})
    output.say(covered_line(covered))
    output.result(covered.plain())
    return 0
