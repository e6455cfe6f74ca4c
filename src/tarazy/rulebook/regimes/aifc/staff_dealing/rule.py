"""Deals of staff on their own account are cleared beforehand."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Staff deal after clearance",
    kind=RuleKind.limit,
    form=RuleForm.partly,
    subject="staff_dealing",
    provisions=("R20",),
    why="Dates are compared. The code is of market institutions, by title; it is a default here.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each("staff_deals", lambda row: row.day("cleared") <= row.day("dealt"), "it was cleared before")
