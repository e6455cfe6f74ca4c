"""Client funds are placed with a bank or central bank by the end of the next business day."""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Client funds by the next business day",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="client_money_deposit",
    provisions=("M04",),
    why="Days between receipt and banking; business days are taken as days here, which is stricter.",
    begins=date(2024, 12, 30),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    most = case.value("deposit_days")
    return case.each(
        "client_receipts", lambda row: row.days_between("received", "banked") <= most, f"banked within {most} days"
    )
