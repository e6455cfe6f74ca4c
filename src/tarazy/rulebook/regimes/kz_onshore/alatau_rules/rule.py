"""Alatau City makes rules of its own on digital assets from 2027 on."""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Rules of Alatau City",
    kind=RuleKind.obligation,
    form=RuleForm.attested,
    subject="alatau_rules",
    provisions=("R130",),
    why="Nobody has seen them; whoever operates there attests what applies.",
    begins=date(2027, 1, 1),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.attested()
