"""A major incident is first told four hours after it is classed and a day after it was noticed at the latest."""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Incidents within a day",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="incident_notice",
    provisions=("M11",),
    why="Minutes from notice of the incident; the outer limit alone is decided.",
    begins=date(2025, 1, 17),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    most = case.value("notice_max_minutes")
    return case.each("incidents", lambda row: row.number("notice_minutes") <= most, f"told within {most} minutes")
