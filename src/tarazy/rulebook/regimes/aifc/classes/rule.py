"""Every client is retail, professional or market counterparty before the first order."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Every client has a class",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="classes",
    provisions=("R34",),
    why="Accounts without a class are counted in the record.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    without = case.number("accounts_without_class")
    return case.holds(without == 0, f"{without} accounts have no class")
