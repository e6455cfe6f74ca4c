"""Written systems compute capital and compliance with its minimum, as often as the business needs."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict, combined

RULE = Rule(
    title="Capital is computed and watched",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="capital_system",
    provisions=("R05",),
    why=("Age of the newest signed calculation is decided. The text is of service providers; the period is ours."),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    age = case.age_days("capital_calculated_on")
    return combined(
        [
            case.holds(age <= case.value("calculation_days_max"), f"calculated {age} days ago"),
            case.holds(case.flag("capital_calculation_signed"), "the calculation is signed"),
        ]
    )
