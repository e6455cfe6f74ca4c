"""A plan shows how the business ends in order."""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Wind-down plan",
    kind=RuleKind.obligation,
    form=RuleForm.attested,
    subject="wind_down_plan",
    provisions=("M10",),
    why="A document.",
    begins=date(2024, 12, 30),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.attested()
