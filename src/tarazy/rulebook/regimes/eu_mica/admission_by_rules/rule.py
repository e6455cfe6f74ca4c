"""An asset is admitted under operating rules, after its suitability was assessed."""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Operating rules and suitability",
    kind=RuleKind.eligibility,
    form=RuleForm.partly,
    subject="admission_decision",
    provisions=("M01",),
    why="Dates of assessment and admission; the judgement is a person's.",
    begins=date(2024, 12, 30),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each(
        "admissions", lambda row: row.day("decided") <= row.day("tradable"), "assessed before it could trade"
    )
