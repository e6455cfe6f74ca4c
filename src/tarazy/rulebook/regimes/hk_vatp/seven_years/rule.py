"""Records are kept for seven years."""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Seven years of records",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="record_retention",
    provisions=("H09",),
    why="Retention of every kind.",
    begins=date(2023, 6, 1),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    years = case.value("years_min")
    return case.each("retention", lambda row: row.number("years") >= years, f"kept for {years} years")
