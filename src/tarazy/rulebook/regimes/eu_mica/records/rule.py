"""Records are kept for five years."""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Five years of records",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="record_retention",
    provisions=("M07",),
    why="Retention of every kind.",
    begins=date(2024, 12, 30),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    years = case.value("years_min")
    return case.each("retention", lambda row: row.number("years") >= years, f"kept for {years} years")
