"""A committee decides on admission."""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Admission committee",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="suitability",
    provisions=("H03",),
    why="That somebody decided who did not propose; its quality a person judges.",
    begins=date(2023, 6, 1),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each("score_cards", lambda row: row.text("scored_by") != row.text("reviewed_by"), "two people")
