"""The operator places no order on its own facility; an affiliate only under an approval of the regulator."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict, combined

RULE = Rule(
    title="No dealing on one's own venue",
    kind=RuleKind.prohibition,
    form=RuleForm.coded,
    subject="own_account_dealing",
    provisions=("R21",),
    why=(
        "It was not found whether the framework bans it. The strictest reading is the default: refused unless approved."
    ),
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
