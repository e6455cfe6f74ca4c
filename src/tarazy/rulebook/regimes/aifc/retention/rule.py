"""Records of every activity are kept for six years at least."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Six years of records",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="record_retention",
    provisions=("R94",),
    why="The retention of every kind of record is compared.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    years = case.value("years_min")
    return case.each("retention", lambda row: row.number("years") >= years, f"kept for {years} years")
