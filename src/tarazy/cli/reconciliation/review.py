"""`tarazy reconciliation review DIR RUN --store FILE --officer N --key KEY`: an officer's signed review of a run."""

from __future__ import annotations

import argparse
import time

from tarazy.cli.arguments import add_journal, positive
from tarazy.cli.errors import CliError
from tarazy.cli.facility.client_desk import actor_of, add_actor
from tarazy.cli.facility.instruct_draft import find_officer
from tarazy.cli.journal.seek import reference_state
from tarazy.cli.output import Output
from tarazy.cli.reconciliation.sides import add_store
from tarazy.domain.records import ROLE_MACHINE
from tarazy.facility.reconciliation.run_signatures import PREPARED, REVIEWED, is_signed_run, sign_run
from tarazy.facility.reconciliation.store import ReconciliationStore
from tarazy.journal.identity import load_identity


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_journal(parser)
    parser.add_argument("run_id", type=positive, metavar="RUN", help="number of the run")
    add_store(parser)
    parser.add_argument("--remark", default="", metavar="TEXT", help="what was found")
    add_actor(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Note one review, of a run that its preparer signed."""
    reviewer, facility_id = actor_of(arguments), load_identity(arguments.directory).facility_id
    if reviewer.roles & ROLE_MACHINE:
        raise CliError(f"officer {reviewer.officer_id}: expected a person as the reviewer, found a machine")
    with ReconciliationStore(arguments.store) as store:
        found, prepared = store.run(arguments.run_id), store.signature(arguments.run_id, PREPARED)
        terms = (found.seq, found.report_sha256)
        if prepared is not None:
            officer = find_officer(reference_state(arguments.directory), prepared.officer_id)
            is_its_own = officer.public_key.hex() == prepared.public_key
            if not is_its_own or not is_signed_run(prepared, facility_id, PREPARED, *terms):
                expected = f"run {found.run_id} under the signature of {prepared.text} of this facility"
                raise CliError(f"{arguments.store}: expected {expected}, found another one")
        signed = sign_run(reviewer, facility_id, REVIEWED, *terms, arguments.remark)
        store.review(arguments.run_id, signed, arguments.remark, time.time_ns())
        reviewed = store.run(arguments.run_id)
    output.say(f"run {reviewed.run_id}: prepared by {reviewed.prepared_by}, reviewed by {reviewed.reviewed_by}")
    output.result(reviewed._asdict())
    return 0
