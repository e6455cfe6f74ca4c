"""Where a test of appropriateness is asked for, it is kept in use."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Appropriateness test",
    kind=RuleKind.obligation,
    form=RuleForm.attested,
    subject="appropriateness_test",
    provisions=("R43",),
    why="Title seen for brokers; it is not on the list of a trading facility.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.attested()
