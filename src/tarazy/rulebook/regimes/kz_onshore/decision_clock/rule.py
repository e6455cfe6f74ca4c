"""An application for registration is decided in twenty working days."""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Decision in twenty working days",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="decision_clock",
    provisions=("R114",),
    why="Working days are counted by the desk that keeps the calendar; the number is compared.",
    begins=date(2026, 1, 16),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    most = case.value("decision_workdays")
    return case.each(
        "onshore_applications", lambda row: row.number("workdays") <= most, f"decided within {most} working days"
    )
