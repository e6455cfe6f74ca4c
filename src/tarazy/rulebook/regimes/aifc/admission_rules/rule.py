"""Rules of admission to trading are clear, and an asset that passes them can be traded fairly and in order."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Admission rules are mirrored in code",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="admission_rules",
    provisions=("R28",),
    why="Each criterion of the rules names the check that decides it. The text is of market institutions.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each("admission_criteria", lambda row: row.has("check"), "a check decides the criterion")
