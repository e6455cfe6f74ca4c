"""`tarazy authority impact DIR NAME`: run a paper's drafted values on recorded quarters, and publish the sums."""

from __future__ import annotations

import argparse
from hashlib import sha256
from pathlib import Path

from tarazy.authority.consultation.draft_values import STAGES, drafted
from tarazy.cli.arguments import positive
from tarazy.cli.authority.arguments import add_folder, open_desk, signer_of
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.cli.passphrases import add_passphrase_file
from tarazy.cli.rules.impact import COLUMNS, add_run, report, run_draft
from tarazy.platform.signed_acts.record import canonical
from tarazy.rulebook.impact import draft_value, summed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_folder(parser)
    parser.add_argument("name", metavar="NAME", help="short name of the consultation")
    parser.add_argument("--stage", choices=STAGES, default=STAGES[0], help="the drafted values (default), or the final")
    add_run(parser)
    parser.add_argument("--officer", type=positive, metavar="N", help="officer who publishes the sums on the page")
    parser.add_argument("--key", type=Path, metavar="KEY", help="that officer's key file")
    add_passphrase_file(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Run it; with an officer's key the sums become an act."""
    if bool(arguments.officer) != bool(arguments.key):
        raise CliError("expected --officer and --key together, found one of them")
    with open_desk(arguments, reads_only=not arguments.officer) as desk:
        case = desk.state.consultations.get(arguments.name)
        values = drafted(case, arguments.stage) if case is not None else []
        if not values:
            raise CliError(f"expected a consultation that drafts values of the rulebook, found {arguments.name[:80]!r}")
        drafts = [draft_value(row["rule"], row["key"], row["value"]) for row in values]
        rows = run_draft(drafts, arguments, output)
        found = report(drafts, rows)
        if arguments.officer:
            digest = sha256(canonical(found).encode()).hexdigest()
            sums = [{column: str(total[column]) for column in COLUMNS} for total in summed(rows)]
            body = {"stage": arguments.stage, "sha256": digest, "rows": sums}
            line = desk.act(arguments.officer, signer_of(arguments), "consultation.impact", arguments.name, body)
            output.say(f"act {line.unsigned.number}: the sums are on the consultation's page")
            found |= {"act": line.plain(), "sha256": digest}
    output.result({"consultation": arguments.name, "stage": arguments.stage, **found})
    return 0
