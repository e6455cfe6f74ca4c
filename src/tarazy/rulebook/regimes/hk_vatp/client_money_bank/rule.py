"""Client money is banked within one business day."""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Client money within a business day",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="client_money_deposit",
    provisions=("H07",),
    why="Days between receipt and banking.",
    begins=date(2023, 6, 1),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    most = case.value("deposit_days")
    return case.each(
        "client_receipts", lambda row: row.days_between("received", "banked") <= most, f"banked within {most} days"
    )
