"""Numbers that a paper drafts, beside its texts, and what an impact run found that they would have changed.

A row names the rule of the rulebook, the key of its value and the drafted value. Acts hold its form alone: whether
there is such a rule and key is asked where the run is made, so that an old record replays whatever the rulebook became.
The result of a run is published by quarter and rule, without a facility's name, with the whole report's SHA-256.
"""

from __future__ import annotations

import re
from typing import Any

from tarazy.authority.state import AuthorityCase, AuthorityState, Occasion, OfficialAct, note
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.fields import ActField

RULE = re.compile("[a-z][a-z0-9_]*/[a-z][a-z0-9_]*")
KEY = re.compile("[a-z][a-z0-9_]*")
COLUMNS = ("rule", "key", "value")
COUNTS = ("facilities", "changed", "findings_in_force", "findings_draft", "clients", "unknown")
STAGES = ("draft", "final")


def check_values(where: str, rows: list[dict[str, str]]) -> None:
    """Check that each row names a rule and a key once, with a value.

    Raises: ActRefusedError.
    """
    for row in rows:
        if not RULE.fullmatch(row["rule"]) or not KEY.fullmatch(row["key"]) or not row["value"].strip():
            expected = "a rule as aifc/monthly_cap, a key of it and a value"
            raise ActRefusedError(f"{where}, values", expected=expected, found=str(row)[:120])
    names = [(row["rule"], row["key"]) for row in rows]
    if len(set(names)) < len(names):
        raise ActRefusedError(f"{where}, values", expected="each key of a rule once", found="one twice")


def drafted(case: AuthorityCase, stage: str) -> list[dict[str, str]]:
    """Return the values of a paper as drafted, or as in its final form; what nothing was said of stays as drafted."""
    rows: list[dict[str, str]] = case.facts["paper"].get("values") or []
    finals = {(row["rule"], row["key"]): row for row in case.facts.get("final_values") or []}
    return [finals.get((row["rule"], row["key"]), row) for row in rows] if stage == "final" else list(rows)


def value_rows(case: AuthorityCase) -> list[dict[str, str]]:
    """Return each drafted value with its final one, empty before the conclusion."""
    finals = {(row["rule"], row["key"]): row["value"] for row in drafted(case, "final")}
    is_over = "finals" in case.facts
    return [
        {"rule": row["rule"], "key": row["key"], "draft": row["value"],
         "final": finals[row["rule"], row["key"]] if is_over else ""}
        for row in drafted(case, "draft")
    ]  # fmt: skip


def check_impact(state: AuthorityState, occasion: Occasion) -> None:
    """Check that there is a paper with values, and that counts are counts."""
    case = state.consultations.get(occasion.subject)
    where, body = f"impact on {occasion.subject}"[:120], occasion.body
    if case is None or not case.facts["paper"].get("values"):
        raise ActRefusedError(where, expected="a consultation that drafts values", found="none of this name")
    if body["stage"] == "final" and "finals" not in case.facts:
        raise ActRefusedError(where, expected="a consultation that is concluded", found=case.state)
    known = {row["rule"] for row in drafted(case, body["stage"])}
    for row in body["rows"]:
        if row["rule"] not in known or not all(row[name].isascii() and row[name].isdecimal() for name in COUNTS):
            raise ActRefusedError(f"{where}, rows", expected="a rule of the paper, and counts", found=str(row)[:120])


def apply_impact(state: AuthorityState, occasion: Occasion) -> None:
    """Keep the newest run of each stage."""
    case, body = state.consultations[occasion.subject], occasion.body
    runs: dict[str, Any] = case.facts.setdefault("impact", {})
    runs[body["stage"]] = {"rows": list(body["rows"]), "sha256": body["sha256"], "on": occasion.day}
    note(case, occasion, "consultation.impact", f"impact of the {body['stage']} on {len(body['rows'])} quarters")


VALUES = ActField("values", "drafted values of the rulebook", "table", is_required=False, columns=COLUMNS)
ACTS = (
    OfficialAct(
        "consultation.impact",
        "publish what a draft would have changed",
        "consultation",
        (
            ActField("stage", "which text was run", "choice", choices=STAGES),
            ActField("sha256", "the whole report", "digest"),
            ActField("rows", "by rule and quarter", "table", columns=("rule", "quarter", *COUNTS)),
        ),
        check_impact,
        apply_impact,
        is_for_two=False,
    ),
)
