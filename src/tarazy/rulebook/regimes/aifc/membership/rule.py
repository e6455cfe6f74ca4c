"""Only fit members are admitted, by objective criteria and before they trade."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Members are admitted by decision",
    kind=RuleKind.eligibility,
    form=RuleForm.partly,
    subject="membership",
    provisions=("R29",),
    why=(
        "Decision, second person and order of dates are decided; fitness a person judges. The text is of other "
        "facilities."
    ),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each(
        "members",
        lambda row: row.text("decided_by") != row.text("proposed_by") and row.day("decided") <= row.day("first_order"),
        "another person decided before the first order",
    )
