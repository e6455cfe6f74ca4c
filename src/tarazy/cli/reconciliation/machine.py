"""The machine officer of the reconciliation on the command line: it signs what a run saw, under its mandate."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.cli.arguments import positive
from tarazy.cli.engines import fastest
from tarazy.cli.errors import CliError
from tarazy.cli.facility.instruct_draft import find_officer, new_draft
from tarazy.cli.facility.instruct_submit import hand_in, take_in
from tarazy.cli.journal.seek import reference_state
from tarazy.cli.output import Output
from tarazy.cli.passphrases import add_passphrase_file, open_key
from tarazy.domain.records import ReportBalance
from tarazy.domain.signer import Signer
from tarazy.facility.officers.drafts import sign_draft
from tarazy.journal.identity import load_identity

VALID_HOURS = 1


class ReportingMachine(NamedTuple):
    """The officer that reports, and its key."""

    officer_id: int
    signer: Signer


def add_machine(parser: argparse.ArgumentParser) -> None:
    """Declare who signs the reports, and where they go."""
    parser.add_argument("--officer", type=positive, metavar="N", help="number of the machine officer that reports")
    parser.add_argument("--key", type=Path, metavar="KEY", help="its key file")
    add_passphrase_file(parser)
    parser.add_argument("--url", metavar="URL", help="hand the reports to the facility that is served there")


def open_machine(arguments: argparse.Namespace) -> ReportingMachine | None:
    """Return who reports, None where nobody does. Raises: CliError."""
    if (arguments.officer is None) != (arguments.key is None) or (arguments.url and arguments.officer is None):
        raise CliError("expected --officer N and --key KEY together, found one of them or --url alone")
    if arguments.officer is None:
        return None
    return ReportingMachine(arguments.officer, open_key(arguments.key, arguments.passphrase_file))


def journal_reports(
    arguments: argparse.Namespace, machine: ReportingMachine | None, commands: list[ReportBalance], output: Output
) -> int:
    """Journal what the machine officer signs; return how many reports the record took. Raises: CliError."""
    if machine is None or not commands:
        return 0
    state = reference_state(arguments.directory)
    officer = find_officer(state, machine.officer_id)
    draft = new_draft(load_identity(arguments.directory), state, [officer], list(commands), (), VALID_HOURS)
    signed = sign_draft(draft, machine.signer)
    outcome: dict[str, Any]
    if arguments.url is not None:
        outcome = hand_in(arguments.url, signed)
    else:
        outcome = take_in(arguments.directory, signed, fastest(), {}, output)
    taken: int = len(outcome["answers"]) - outcome["refused"]
    for answer in outcome["answers"]:
        if answer["refused"]:
            output.warn(f"{answer['command']} refused: {answer['refused']}")
    return taken
