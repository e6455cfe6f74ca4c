"""Staff can tell the regulator what they see without harm to themselves."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Whistleblowing",
    kind=RuleKind.obligation,
    form=RuleForm.attested,
    subject="whistleblowing",
    provisions=("R16",),
    why="A program sees no fear; a person attests the channel.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.attested()
