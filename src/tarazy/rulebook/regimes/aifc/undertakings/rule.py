"""Applicants and issuers undertake to keep the law of the centre."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Undertakings are signed",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="undertakings",
    provisions=("R33",),
    why="Presence. Title alone was seen.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each("admissions", lambda row: row.has("undertaking_sha256"), "an undertaking is attached")
