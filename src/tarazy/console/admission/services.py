"""What the pages of the admission desk ask for: the desk, what writes a draft, what the list asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tarazy.facility.admission.delistings import steps_due
from tarazy.facility.admission.desk import AdmissionDesk
from tarazy.facility.admission.state import AdmissionState, ListingProposal
from tarazy.oversight.publications.disclosures import disclosure_findings
from tarazy.oversight.publications.green_list import difference, entries

# Writes a draft and returns its name: kind (admit, market, delist), what it is about, officers, terms of a market.
DraftWriter = Callable[[str, str, tuple[int, int], Mapping[str, int]], str]
LISTED_SHOWN = ("name", "symbol", "title", "state", "chain", "contract", "class", "withdrawals_until")


@dataclass(frozen=True)
class AdmissionServices:
    """The admission desk of one facility as its pages use it; `terms` of a market are None where none is usual."""

    facility: str
    desk: AdmissionDesk
    write_draft: DraftWriter
    terms: Mapping[str, int | None]

    def overview(self) -> dict[str, Any]:
        """Return where everything stands."""
        state, day = self.desk.state, self.desk.today
        return {
            "facility": self.facility,
            "charter": state.charter._asdict() if state.charter else None,
            "charters_waiting": [
                each._asdict()
                for each in state.charters
                if each.number > (state.charter.number if state.charter else 0)
            ],
            "list_on": state.lists[-1]["on"] if state.lists else "",
            "listed": [{key: row.get(key, "") for key in LISTED_SHOWN} for row in entries(state.green_list).values()],
            "changes": changes(state),
            "licence": dict(state.licence),
            "due": steps_due(state),
            "proposals": [proposal_row(each) for each in reversed(state.proposals.values())],
            "orders": [{k: v for k, v in each._asdict().items() if k != "paper"} for each in reversed(state.orders)],
            "papers": [{k: v for k, v in row.items() if k != "text"} for row in reversed(state.papers)],
            "findings": [
                each.plain() | {"head": each.code.removeprefix("disclosure.")}
                for each in disclosure_findings(state.papers, day)
            ],
        }


def changes(state: AdmissionState) -> list[dict[str, str]]:
    """Return what changed with the last list that was imported."""
    if not state.lists:
        return []
    before = state.lists[-2]["data"] if len(state.lists) > 1 else {}
    return [each._asdict() for each in difference(before, state.lists[-1]["data"])]


def proposal_row(found: ListingProposal) -> dict[str, Any]:
    """Return a proposal as plain data."""
    return {
        "number": found.number,
        "token": found.token,
        "asset_code": found.body["asset_code"],
        "proposed_by": found.officer_id,
        "at": found.at,
        "outcome": found.outcome,
        "decided_at": found.decided_at,
        "digest": found.digest,
        "reason": found.body["reason"],
        "votes": [each._asdict() for each in found.votes],
    }
