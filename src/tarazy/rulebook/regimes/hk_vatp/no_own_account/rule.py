"""The platform does not deal on own account, save off the platform and for market making within limits."""

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
    provisions=("H08",),
    why="Orders of the house are counted; affiliates that make markets may have an approval.",
    begins=date(2023, 6, 1),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    house, affiliates = case.number("house_orders_accepted"), case.number("affiliate_accounts_without_approval")
    return combined(
        [
            case.holds(house == 0, f"{house} orders of the house were accepted"),
            case.holds(affiliates == 0, f"{affiliates} accounts of affiliates have no approval"),
        ]
    )
