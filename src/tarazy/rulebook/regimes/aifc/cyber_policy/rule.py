"""A written policy covers twelve areas and is approved by the board at least once a year."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict, combined

RULE = Rule(
    title="Cyber policy",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="cyber_policy",
    provisions=("R81",),
    why="Presence of the areas and age of the approval; the text is of market institutions.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    age, most = case.age_days("cyber_policy_approved_on"), case.value("age_days_max")
    return combined(
        [
            case.has_all("cyber_policy_areas", case.value("areas")),
            case.holds(age <= most, f"approved {age} days ago"),
        ]
    )
