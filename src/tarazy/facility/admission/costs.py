"""What keeping a rule cost in a quarter: hours and money, attested by an officer with the paper behind the figures.

The figures are facts of a review (`tarazy rules review`). Without an act a quarter stays unknown; a later act on the
same rule and quarter stands in the place of an earlier one. Which rules there are the reader knows: a record outlives
names.
"""

from __future__ import annotations

import re

from tarazy.domain.identifiers.currencies import currency_scale
from tarazy.domain.records import ROLE_COMPLIANCE, ROLE_FINANCE
from tarazy.facility.admission.state import AdmissionState, DeskAct, DeskOccasion
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.fields import ActField

RECORD_COST = "cost.record"
RULE = re.compile("[a-z][a-z0-9_]*/[a-z][a-z0-9_]*")
QUARTER = re.compile("([1-9][0-9]{3})-Q([1-4])")
HOURS_MAX, SPENT_MAX_MINOR = 1_000_000, 10**18


def check_cost(state: AdmissionState, occasion: DeskOccasion) -> None:
    """Check rule and quarter, that the quarter has ended, and that there is a figure with its unit."""
    body, where = occasion.body, f"cost of {occasion.subject[:80]}"
    if not RULE.fullmatch(occasion.subject) or len(occasion.subject) > 100:
        raise ActRefusedError(where, expected="an id as aifc/client_money", found=occasion.subject[:80])
    if first_day_after(where, body["quarter"]) > occasion.day:
        found = f"{body['quarter']}, on {occasion.day}"
        raise ActRefusedError(f"{where}, quarter", expected="a quarter that has ended", found=found)
    hours, spent, currency = body.get("hours"), body.get("spent_minor"), body.get("currency") or ""
    if hours is None and spent is None:
        raise ActRefusedError(where, expected="hours, spent_minor or both", found="neither")
    if (spent is None) != (not currency):
        raise ActRefusedError(where, expected="spent_minor with its currency, or neither", found="one of them")
    if currency and currency_scale(currency) is None:
        expected = "a code of ISO 4217, as KZT"
        raise ActRefusedError(f"{where}, currency", expected=expected, found=currency[:20])
    if (hours or 0) > HOURS_MAX or (spent or 0) > SPENT_MAX_MINOR:
        expected = f"at most {HOURS_MAX:,} hours and {SPENT_MAX_MINOR:,} minor units"
        raise ActRefusedError(where, expected=expected, found=f"{hours} and {spent}"[:80])


def first_day_after(where: str, quarter: str) -> str:
    """Return the first day after a quarter. Raises: ActRefusedError."""
    read = QUARTER.fullmatch(quarter)
    if read is None:
        raise ActRefusedError(f"{where}, quarter", expected="a quarter as 2026-Q1", found=quarter[:40])
    year, number = int(read[1]), int(read[2])
    return f"{year + 1}-01-01" if number == 4 else f"{year}-{3 * number + 1:02}-01"


def apply_cost(state: AdmissionState, occasion: DeskOccasion) -> None:
    """Keep it."""
    row = {**occasion.body, "officer_id": occasion.officer_id, "on": occasion.day, "number": occasion.number}
    state.costs[occasion.subject, occasion.body["quarter"]] = row


ACTS = (
    DeskAct(
        RECORD_COST,
        "attest what keeping a rule cost in a quarter; its subject is the rule",
        ROLE_COMPLIANCE | ROLE_FINANCE,
        (
            ActField("quarter", "quarter, as 2026-Q1", most=7),
            ActField("hours", "hours of work, rounded up", "whole", is_required=False),
            ActField("spent_minor", "money spent, minor units of the currency", "whole", is_required=False),
            ActField("currency", "currency of the money, as KZT", is_required=False, most=3),
            ActField("document_sha256", "the paper behind the figures, its SHA-256", "digest"),
        ),
        check_cost,
        apply_cost,
    ),
)
