"""`tarazy reconciliation run DIR --node CHAIN=URL ...`: one run, kept and written as JSON, page and PDF.

The officer who prepares it signs the run with its key; another one reviews it (`tarazy reconciliation review`). With
--officer and --key the machine officer of the reconciliation signs what it saw and it is journaled at once, so
that a break stops the asset's withdrawals; else the commands lie beside the report, as `tarazy instruct draft --from`
reads them. Exit code 0: no break; 1: a difference above a tolerance.
"""

from __future__ import annotations

import argparse
import json
from hashlib import sha256
from pathlib import Path

from tarazy.cli.output import Output
from tarazy.cli.reconciliation.machine import add_machine, journal_reports, open_machine
from tarazy.cli.reconciliation.sides import add_sides, add_store, preparer_of, run_of
from tarazy.console.reconciliation.page import page_of
from tarazy.domain.records import CustodyLocation
from tarazy.facility.officers.command_text import text_from
from tarazy.facility.reconciliation.report import RunFacts, amount, run_bytes, run_paper, run_values
from tarazy.facility.reconciliation.reporting import machine_reports, to_be_lifted
from tarazy.facility.reconciliation.run_signatures import PREPARED, sign_run
from tarazy.facility.reconciliation.running import open_breaks
from tarazy.facility.reconciliation.store import ReconciliationStore
from tarazy.facility.statements.pdf import pdf_bytes
from tarazy.journal.identity import load_identity
from tarazy.platform.storage.files import write_whole

PRIVATE = 0o600


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_sides(parser)
    add_store(parser)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="where report, page and PDF are written"
    )
    add_machine(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Make one run."""
    machine, preparer = open_machine(arguments), preparer_of(arguments)
    facts, state = run_of(arguments)
    report, breaks = run_bytes(facts), open_breaks(state)
    digest = sha256(report).hexdigest()
    commands = machine_reports(facts.found, breaks, bytes.fromhex(digest), state.last_ts_ns)
    arguments.out.mkdir(parents=True, exist_ok=True)
    facility_id = load_identity(arguments.directory).facility_id
    prepared = sign_run(preparer, facility_id, PREPARED, facts.seq, digest)
    with ReconciliationStore(arguments.store) as store:
        number = store.add(facts.found, facts.made_ns, facts.seq, prepared, digest)
    name = arguments.out / f"reconciliation-{number}"
    paper = run_paper(facts, digest)
    files = {".json": report, ".html": page_of(paper), ".pdf": pdf_bytes(paper)}
    files["-commands.json"] = json.dumps([text_from(each) for each in commands], indent=1).encode() + b"\n"
    for ending, content in files.items():
        write_whole(name.with_name(name.name + ending), content, PRIVATE)
    say(output, facts)
    for place in to_be_lifted(facts.found, breaks):
        where = f"{facts.assets[place.asset_id][0]} at {CustodyLocation(place.location).name}"
        output.say(f"  {where}: its break is open in the engine and not confirmed any more; two people may lift it")
    output.say(f"run {number} of {arguments.store}, written to {name}.json, .html, .pdf and -commands.json")
    journaled = journal_reports(arguments, machine, commands, output)
    values = run_values(facts)
    summary = {key: values[key] for key in ("items", "places", "missing", "client_money", "funding")}
    output.result(
        {"run": number, "sha256": digest, "report": f"{name}.json", "commands": len(commands), "journaled": journaled}
        | summary
    )
    return 1 if facts.found.breaks else 0


def say(output: Output, facts: RunFacts) -> None:
    """Say what a run came to."""
    for place in facts.found.places:
        verdict = f"BREAK of {amount(facts, place.asset_id, place.difference_minor)}" if place.is_break else "agrees"
        where = f"{facts.assets[place.asset_id][0]} at {CustodyLocation(place.location).name}"
        output.say(f"  {where:24} ledger {amount(facts, place.asset_id, place.ledger_minor)}: {verdict}")
    for key in facts.found.missing:
        output.say(f"  one side knows nothing of account {key.account}", style="yellow")
    for each in facts.funding:
        due = amount(facts, each.asset_id, each.amount_minor)
        output.say(f"  to be paid in today: {due} {facts.assets[each.asset_id][0]} ({each.reason})", style="red")
