"""Deals over the counter need a broker's licence and stand apart from the venue's book."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Deals over the counter stay apart",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="over_the_counter",
    provisions=("R104",),
    why="Asked only where they are offered; best execution a person judges.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    if not case.flag("over_the_counter_offered"):
        return case.not_applicable("no deals over the counter are offered")
    mixed = case.number("over_the_counter_deals_in_book")
    return case.holds(mixed == 0, f"{mixed} deals over the counter stand in the venue's book")
