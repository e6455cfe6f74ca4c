"""The annual information tells the group's structure, shared resources with their counterparties, and the
shareholders' part in daily operations.
"""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Group facts in the annual information",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="group_facts",
    provisions=("R22",),
    why="Presence of the three items is decided; whether they are true, a person judges.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.has_all("annual_items", case.value("items"))
