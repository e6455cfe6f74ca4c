"""A register of positions is kept for every client and statements go out every quarter."""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Register of positions",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="client_statements",
    provisions=("M05",),
    why="Age of the statements; the register is the record itself.",
    begins=date(2024, 12, 30),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    age, most = case.age_days("statements_sent_on"), case.value("age_days_max")
    return case.holds(age <= most, f"sent {age} days ago")
