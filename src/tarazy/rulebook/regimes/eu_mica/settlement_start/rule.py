"""Settlement begins within 24 hours of the trade."""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Settlement within a day",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="settlement",
    provisions=("M06",),
    why="The longest time in the record.",
    begins=date(2024, 12, 30),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    seconds, most = case.number("settlement_max_s"), case.value("settlement_max_s")
    return case.holds(seconds <= most, f"settled within {seconds} seconds")
