"""An application for a trading facility is paid with the fee of the day on which it is handed in."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Application fee",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="application_fee",
    provisions=("R06",),
    why=(
        "The amount is compared with the row in force on the day of the application. Whether a further amount for "
        "digital assets comes on top is not known, and not asked for."
    ),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    paid, filed = case.number("application_fee_paid_usd"), case.day("application_filed_on")
    fee = case.value("fee_usd", filed)
    return case.holds(paid >= fee, f"paid {paid} USD against {fee} on {filed}")
