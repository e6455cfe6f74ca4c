"""A written framework governs technology, objectives of security, competence and risk."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Technology framework",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="technology_framework",
    provisions=("R80",),
    why="Age of its approval; content a person judges. The text is of service providers and breaks off.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    age, most = case.age_days("technology_framework_approved_on"), case.value("age_days_max")
    return case.holds(age <= most, f"approved {age} days ago")
