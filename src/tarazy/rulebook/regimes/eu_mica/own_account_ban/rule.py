"""The operator does not deal on own account on its own platform, also not through its group."""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict, combined

RULE = Rule(
    title="No dealing on own account",
    kind=RuleKind.prohibition,
    form=RuleForm.coded,
    subject="own_account_dealing",
    provisions=("M03",),
    why="Orders of the house and accounts of affiliates are counted: an approval does not help here.",
    begins=date(2024, 12, 30),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    house, affiliates = case.number("house_orders_accepted"), case.number("affiliate_accounts")
    return combined(
        [
            case.holds(house == 0, f"{house} orders of the house were accepted"),
            case.holds(affiliates == 0, f"{affiliates} accounts of affiliates"),
        ]
    )
