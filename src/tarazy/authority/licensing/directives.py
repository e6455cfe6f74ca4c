"""Directives and their remedies: a duty with a date, the plan that answers it, returned or approved, then closed.

The form of the plan's way (handed in, returned with points, approved in writing) is that of Kazakhstan's Law 259-VIII
for measures of the National Bank; AIFC DAA 2.16 gives the power, its text was not seen.
"""

from __future__ import annotations

from typing import Any

from tarazy.authority.licensing.application import REASON, require_state
from tarazy.authority.licensing.licence import ACTIVE, SUSPENDED
from tarazy.authority.state import AuthorityState, Occasion, OfficialAct, note
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.fields import ActField

ISSUED, HANDED_IN, RETURNED, APPROVED, CLOSED = "issued", "handed in", "returned", "approved", "closed"


def check_issue(state: AuthorityState, occasion: Occasion) -> None:
    """Check that the day is to come."""
    require_state(state, occasion, ACTIVE, SUSPENDED)
    if occasion.body["due"] <= occasion.day:
        raise ActRefusedError(f"{occasion.subject}, due", expected="a day to come", found=occasion.body["due"])


def apply_issue(state: AuthorityState, occasion: Occasion) -> None:
    """Issue it; its number is its line's."""
    case = state.licences[occasion.subject]
    row = {"number": occasion.number, "state": ISSUED, "words": occasion.body["words"], "due": occasion.body["due"]}
    case.facts.setdefault("directives", []).append(row)
    note(case, occasion, "directive.issue", f"{occasion.body['words']}, by {occasion.body['due']}")


def directive_of(state: AuthorityState, occasion: Occasion) -> dict[str, Any]:
    """Return the directive that an act names.

    Raises: ActRefusedError.
    """
    case = require_state(state, occasion, ACTIVE, SUSPENDED)
    rows = [each for each in case.facts.get("directives", []) if each["number"] == occasion.body["directive"]]
    if not rows:
        found = str(occasion.body["directive"])
        raise ActRefusedError(occasion.subject, expected="the number of one of its directives", found=found)
    row: dict[str, Any] = rows[0]
    return row


def check_plan(state: AuthorityState, occasion: Occasion) -> None:
    """Check that a directive waits for a plan, or that a plan waits for an answer."""
    row, step = directive_of(state, occasion), occasion.body["step"]
    before = {HANDED_IN: (ISSUED, RETURNED), RETURNED: (HANDED_IN,), APPROVED: (HANDED_IN,), CLOSED: (APPROVED,)}
    if row["state"] not in before[step]:
        expected = f"a directive that is {' or '.join(before[step])}"
        raise ActRefusedError(f"{occasion.subject}, directive {row['number']}", expected=expected, found=row["state"])


def apply_plan(state: AuthorityState, occasion: Occasion) -> None:
    """Move the plan on; execution starts on the day of its approval."""
    row = directive_of(state, occasion)
    row["state"] = occasion.body["step"]
    if row["state"] == APPROVED:
        row["execution_from"] = occasion.day
    words = f"plan for directive {row['number']} {row['state']}: {occasion.body['reason']}"
    note(state.licences[occasion.subject], occasion, "directive.plan", words)


ACTS = (
    OfficialAct(
        "directive.issue",
        "issue a directive",
        "licensing",
        (ActField("words", "what is to be done", most=2000), ActField("due", "by which day", "date")),
        check_issue,
        apply_issue,
    ),
    OfficialAct(
        "directive.plan",
        "move a directive's plan on",
        "licensing",
        (
            ActField("directive", "its number", "whole"),
            ActField("step", "what happens to the plan", "choice", choices=(HANDED_IN, RETURNED, APPROVED, CLOSED)),
            REASON,
        ),
        check_plan,
        apply_plan,
    ),
)
