"""Paid-up capital is at least HKD 5 million."""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Paid-up capital",
    kind=RuleKind.limit,
    form=RuleForm.coded,
    subject="capital",
    provisions=("H10",),
    why="The amount is compared.",
    begins=date(2023, 6, 1),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    paid, least = case.number("paid_up_capital_hkd"), case.value("paid_up_min_hkd")
    return case.holds(paid >= least, f"paid-up capital of {paid} HKD against {least}")
