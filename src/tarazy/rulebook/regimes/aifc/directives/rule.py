"""What the regulator requires of one operator is done by the day that it sets."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Directives of the regulator",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="directives",
    provisions=("R08",),
    why=(
        "Dates are compared; whether the requirement is truly met, a person judges. The body of the power was not seen."
    ),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each(
        "directives",
        lambda row: (row.day("done") if row.has("done") else case.asof) <= row.day("due"),
        "the directive was done, or is still within its time",
    )
