"""The annual information tells how many private keys are held and whether a third party holds assets."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Custody facts in the annual information",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="custody_facts",
    provisions=("R77",),
    why="Presence of the two items.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.has_all("annual_items", case.value("items"))
