"""`tarazy rules attest FILE RULE`: add a person's attestation for a rule of judgement to a facility's file of facts."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path

from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.cli.rules.arguments import a_day
from tarazy.rulebook.attestations import RuleAttestation, attest


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help="file of attestations, made with the first")
    parser.add_argument("rule", metavar="RULE", help="regime/name, or a name that one regime has")
    parser.add_argument("--owner", required=True, metavar="NAME", help="who answers for it")
    parser.add_argument("--document", type=Path, required=True, metavar="PATH", help="the document behind it")
    parser.add_argument("--on", type=a_day, default=None, metavar="DATE", help="the day of the statement (today, UTC)")
    parser.add_argument("--expires", type=a_day, required=True, metavar="DATE", help="the last day on which it counts")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Add one."""
    today = datetime.now(UTC).date()
    try:
        with arguments.document.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CliError(f"{arguments.document}: expected a document to read, found {error.strerror}") from error
    row = RuleAttestation(arguments.rule, arguments.owner, arguments.on or today, digest, arguments.expires)
    rows = attest(arguments.file, row, today)
    newest = rows[-1]
    output.say(f"{newest.rule}: attested by {newest.owner} on {newest.on}, until {newest.expires}, document {digest}")
    output.say(f"{arguments.file} has {len(rows)}; give it to: tarazy rules check DIR --facts {arguments.file}")
    plain = newest._asdict() | {"on": newest.on.isoformat(), "expires": newest.expires.isoformat()}
    output.result({"file": str(arguments.file), "attestations": len(rows), "attestation": plain})
    return 0
