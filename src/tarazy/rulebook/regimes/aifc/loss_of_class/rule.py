"""A professional client who no longer qualifies is handled."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Professional clients are looked at again",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="loss_of_class",
    provisions=("R36",),
    why="Age of the last review; title alone was seen, and the period is ours.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    most = case.value("review_days_max")
    return case.each("class_reviews", lambda row: (case.asof - row.day("reviewed")).days <= most, "reviewed in time")
