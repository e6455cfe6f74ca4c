"""What follows when a token leaves the authority's list: steps with dates, words to clients, one paper with its hash.

A suspension stops trading at once; a removal begins a delisting in steps (docs/concepts/delisting.md): cancel only,
close, a window for withdrawals that is never shorter than the authority's. The paper is the notice to clients; its hash
is the decision that the officers sign into the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from tarazy.domain.records import ROLE_COMPLIANCE, ROLE_OPERATIONS
from tarazy.facility.admission.state import ADOPTED, AdmissionState, DelistingOrder, DeskAct, DeskOccasion
from tarazy.oversight.publications.green_list import REMOVED, SUSPENDED, entries
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.fields import ActField
from tarazy.platform.signed_acts.record import canonical

SUSPEND, DELIST = STEPS = ("suspend", "delist")
WINDOW_DAYS_MIN = 30  # the engine's own floor between the close and the end of withdrawals


def step_due(state: AdmissionState, token: str) -> str:
    """Return the step that the list in force asks for a token that was admitted; empty where none."""
    row: Mapping[str, Any] = entries(state.green_list).get(token, {})
    wanted = {SUSPENDED: SUSPEND, REMOVED: DELIST}.get(str(row.get("state", "")), "" if row else DELIST)
    done = [each.step for each in state.orders if each.token == token and each.at >= _admitted_at(state, token)]
    return "" if wanted in done or DELIST in done else wanted


def _admitted_at(state: AdmissionState, token: str) -> str:
    rows = [each for each in state.proposals.values() if each.token == token and each.outcome == ADOPTED]
    return rows[-1].decided_at if rows else ""


def steps_due(state: AdmissionState) -> dict[str, str]:
    """Return each token that was admitted here and has to leave, with the step."""
    tokens = {each.token for each in state.proposals.values() if each.outcome == ADOPTED} if state.lists else set()
    return {token: step for token in sorted(tokens) if (step := step_due(state, token))}


def check_order(state: AdmissionState, occasion: DeskOccasion) -> None:
    """Check that the list asks for it, and that the days are in order and leave the authority's window."""
    body, token = occasion.body, occasion.subject
    where, due = f"delisting of {token[:63]}", step_due(state, token)
    if not _admitted_at(state, token) or due != body["step"]:
        found = due or "none: it was not admitted here, is listed, or the step was taken"
        raise ActRefusedError(where, expected=f"that the list asks to {body['step']} it", found=found)
    if body["step"] == SUSPEND:
        return
    days = [body.get(name) or "" for name in ("cancel_only", "close", "withdraw_until")]
    if not all(days):
        expected = "the days cancel_only, close and withdraw_until"
        raise ActRefusedError(where, expected=expected, found="not all of them")
    least = date.fromisoformat(days[1]) + timedelta(days=WINDOW_DAYS_MIN)
    until = max(least.isoformat(), str(entries(state.green_list).get(token, {}).get("withdrawals_until") or ""))
    if not occasion.day < days[0] <= days[1] or days[2] < until:
        expected = f"after {occasion.day}: cancel only, then close, withdrawals until {until} or later"
        raise ActRefusedError(where, expected=expected, found=", ".join(days))


def apply_order(state: AdmissionState, occasion: DeskOccasion) -> None:
    """Keep the order; its paper is what clients are told."""
    body = occasion.body
    days = {name: body.get(name) or "" for name in ("cancel_only", "close", "withdraw_until")}
    on = {"on": state.lists[-1]["on"], "sha256": state.lists[-1]["sha256"]}
    terms = {"token": occasion.subject, "step": body["step"], **days, "words": body["words"]}
    paper = canonical({"kind": "notice to clients", "at": occasion.at, "number": occasion.number, "list": on, **terms})
    digest = sha256(paper.encode()).hexdigest()
    state.orders.append(DelistingOrder(occasion.number, **terms, at=occasion.at, paper=paper, digest=digest))


ACTS = (
    DeskAct(
        "delisting.order",
        "suspend or delist a token that left the authority's list, and tell clients",
        ROLE_OPERATIONS | ROLE_COMPLIANCE,
        (
            ActField("step", "step", "choice", choices=STEPS),
            ActField("cancel_only", "day from which orders can only be canceled", "date", is_required=False),
            ActField("close", "day on which trading ends", "date", is_required=False),
            ActField("withdraw_until", "last day for withdrawals", "date", is_required=False),
            ActField("words", "what clients are told", most=4000),
        ),
        check_order,
        apply_order,
    ),
)
