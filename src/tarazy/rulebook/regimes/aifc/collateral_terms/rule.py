"""Before collateral is taken the client is told its terms and what happens in insolvency."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Collateral is explained first",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="collateral_terms",
    provisions=("R72",),
    why="Presence and order of dates.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each("collateral", lambda row: row.day("told") <= row.day("taken"), "told before it was taken")
