"""People in approved or designated posts are approved before they take them up."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Approved before they act",
    kind=RuleKind.eligibility,
    form=RuleForm.partly,
    subject="approved_individuals",
    provisions=("R17",),
    why="Dates are compared. Only titles of the chapter were seen; fitness itself a person judges.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each(
        "approved_individuals",
        lambda row: row.day("approved") <= row.day("began"),
        "approval came first",
    )
