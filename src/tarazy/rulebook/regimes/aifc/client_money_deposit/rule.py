"""Client money goes into a client account in time."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Client money is banked within a day",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="client_money_deposit",
    provisions=("R122",),
    why="One day is taken from a neighbouring regulator; the text of the centre was not seen.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    most = case.value("deposit_days")
    return case.each(
        "client_receipts", lambda row: row.days_between("received", "banked") <= most, f"banked within {most} days"
    )
