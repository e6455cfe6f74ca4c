"""The framework covers ten activities; a licence is for one or more of them."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Ten activities",
    kind=RuleKind.definition,
    form=RuleForm.coded,
    subject="licence_scope",
    provisions=("R120",),
    why="The scope that a licence names is compared with the list.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each("licences", lambda row: row.text("activity") in case.value("activities"), "it is one of the ten")
