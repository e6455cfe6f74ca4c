"""Staking offered to resident retail clients counts toward their monthly cap."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Staking counts toward the cap",
    kind=RuleKind.limit,
    form=RuleForm.coded,
    subject="staking_in_cap",
    provisions=("R41",),
    why="Asked only where staking is offered.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    if not case.flag("staking_offered_to_residents"):
        return case.not_applicable("no staking is offered to resident retail clients")
    return case.holds(case.flag("staking_counted_in_cap"), "staked amounts are in the counter")
