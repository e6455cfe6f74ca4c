"""The applicant is told of the decision in writing."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="The applicant is told in writing",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="decision_notice",
    provisions=("R62",),
    why="Presence and order of dates; no period was seen.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each("admissions", lambda row: row.day("notified") >= row.day("decided"), "told after the decision")
