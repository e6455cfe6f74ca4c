"""Facts of the register of clients: who is in it, since when, under which decisions, with which complaints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from tarazy.facility.accounts.clients import ClientRow, list_clients
from tarazy.facility.accounts.complaints import complaints
from tarazy.facility.accounts.decisions import DecisionRow, decisions_of
from tarazy.facility.accounts.parties import find_party
from tarazy.facility.accounts.register import Register
from tarazy.oversight.facts.gather import NOTHING

Rows = list[dict[str, Any]]
DONE, APPROVED, PROFESSIONAL = "done", "approved", "professional"


class RecordedMoments(NamedTuple):
    """What the record says, in ns: when each owner's first account was opened and its first order accepted.

    `account_orders_ns`: the first accepted order by client account; `admitted_ns`: the first admission by code of a
    digital asset; `officer_keys`: public keys by officer.
    """

    opened_ns: Mapping[int, int]
    first_order_ns: Mapping[int, int]
    account_orders_ns: Mapping[int, int] = NOTHING
    admitted_ns: Mapping[str, int] = NOTHING
    officer_keys: Mapping[int, str] = NOTHING


def register_facts(register: Register, moments: RecordedMoments) -> dict[str, Any]:
    """Return what the register says, by the words of the rulebook."""
    clients = list_clients(register)
    decisions = {row.client: [d for d in decisions_of(register, row.client) if d.standing == DONE] for row in clients}
    return {
        "clients_registered": len(clients),
        "accounts_before_due_diligence": _early(decisions, moments),
        "members": _members(decisions, moments),
        "class_reviews": [
            {"id": str(row.client), "reviewed": _day(row.class_since)} for row in clients if row.class_ == PROFESSIONAL
        ],
        "professional_individuals": _professionals(register, clients, decisions),
        "complaints": _complaints(register),
    }


def _day(moment: str) -> date:
    return date.fromisoformat(moment[:10])


def _approval(rows: list[DecisionRow]) -> DecisionRow | None:
    """Return the first decision that let a client in."""
    return next((row for row in rows if row.kind == "state" and row.value == APPROVED), None)


def _ns(moment: str) -> int:
    """Return a moment of the register in nanoseconds; it writes whole seconds."""
    return int(datetime.strptime(moment, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()) * 10**9


def _early(decisions: dict[int, list[DecisionRow]], moments: RecordedMoments) -> int:
    """Return how many owners have an account in the record that is older than their approval, or without one."""
    early = 0
    for owner, opened_ns in moments.opened_ns.items():
        approval = _approval(decisions.get(owner, []))
        early += approval is None or _ns(approval.confirmed_at) > opened_ns
    return early


def _members(decisions: dict[int, list[DecisionRow]], moments: RecordedMoments) -> Rows:
    """Return the owners who placed an order, with who proposed and who confirmed them."""
    found = []
    for owner, first_ns in sorted(moments.first_order_ns.items()):
        row: dict[str, Any] = {"id": str(owner), "first_order": datetime.fromtimestamp(first_ns // 10**9, UTC).date()}
        approval = _approval(decisions.get(owner, []))
        if approval is not None:
            row |= {"proposed_by": str(approval.proposed_by), "decided_by": str(approval.confirmed_by)}
            row["decided"] = _day(approval.confirmed_at)
        found.append(row)
    return found


def _professionals(register: Register, clients: list[ClientRow], decisions: dict[int, list[DecisionRow]]) -> Rows:
    """Return the people in the class professional with the evidence of the newest decision on it.

    The register confirms no such class without the opt-in, the warning and the acknowledgement among the papers that
    its parameters name, so a paper that is there is a yes and one that is not is a no.
    """
    found = []
    for row in clients:
        if row.class_ != PROFESSIONAL or find_party(register, row.party).facts.kind != "person":
            continue
        papers = {name for (name,) in register.all("SELECT DISTINCT paper FROM papers WHERE party = ?", (row.party,))}
        on_class = [d for d in decisions[row.client] if d.kind == "class" and d.value == PROFESSIONAL]
        facts = json.loads(on_class[-1].facts) if on_class else {}
        found.append(
            {
                "id": str(row.client),
                **{key: facts[name] for key, name in EVIDENCE.items() if name in facts},
                **{key: key in papers for key in ("opt_in", "warning", "acknowledgement")},
            }
        )
    return found


EVIDENCE = {"net_assets_usd": "net_assets_usd", "assessed": "assessed", "work_months": "work_history_months"}


def _complaints(register: Register) -> Rows:
    """Return the complaints; what is not acknowledged or answered yet has no day."""
    found = []
    for row in complaints(register):
        days = {"received": row.received, "acknowledged": row.acknowledged_at, "resolved": row.answered_at}
        found.append({"id": str(row.complaint), **{key: _day(text) for key, text in days.items() if text}})
    return found
