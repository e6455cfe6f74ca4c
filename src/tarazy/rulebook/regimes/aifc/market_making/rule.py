"""Market makers act under an agreement that the regulator approved before, and are there as much as they agreed."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Market makers keep what they agreed",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="market_making",
    provisions=("R53",),
    why=("Presence and dates are decided; titles alone were seen, the approval is taken from a neighbouring text."),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each(
        "maker_agreements",
        lambda row: (
            row.number("presence_permille") >= row.number("agreed_permille") and row.day("approved") <= row.day("began")
        ),
        "approved before it began, and kept",
    )
