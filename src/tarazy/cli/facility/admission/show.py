"""`tarazy facility admission show DIR`: what the admission desk knows."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from rich.table import Table

from tarazy.cli.facility.admission.arguments import add_facility_folder, open_admission
from tarazy.cli.output import Output
from tarazy.facility.admission.delistings import steps_due
from tarazy.facility.admission.state import AdmissionState


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_facility_folder(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show it."""
    with open_admission(arguments.directory, reads_only=True) as desk:
        state, acts = desk.state, len(desk.record.lines)
    if state.charter is None:
        output.say("no charter is in force")
    else:
        output.say(f"lists from {state.charter.authority}; committee {', '.join(map(str, state.charter.members))}")
    output.show(decisions(state))
    for token, step in steps_due(state).items():
        output.warn(f"{token}: the authority's list asks to {step} it; order it with delisting.order")
    output.show(papers(state))
    output.result(plain(state) | {"acts": acts})
    return 0


def decisions(state: AdmissionState) -> Table:
    """Return the proposals and their outcomes."""
    table = Table("proposal", "token", "code", "outcome", "hash of the decision", title="Admissions")
    for each in state.proposals.values():
        table.add_row(str(each.number), each.token, each.body["asset_code"], each.outcome, each.digest[:16])
    return table


def papers(state: AdmissionState) -> Table:
    """Return the disclosed papers."""
    table = Table("head", "version", "title", "in force from", "approved", title="Disclosures")
    for row in state.papers:
        table.add_row(row["head"], str(row["version"]), row["title"], row["effective"], row["approved_on"] or "waits")
    return table


def plain(state: AdmissionState) -> dict[str, Any]:
    """Return everything for programs, the authority's papers by day and hash."""
    dated = ("on", "sha256", "at", "number")
    return {
        "charter": state.charter._asdict() if state.charter else None,
        "lists": [{key: row[key] for key in dated} for row in state.lists],
        "registers": [{key: row[key] for key in dated} for row in state.registers],
        "licence": dict(state.licence),
        "proposals": [asdict(each) for each in state.proposals.values()],
        "due": steps_due(state),
        "orders": [each._asdict() for each in state.orders],
        "papers": state.papers,
    }
