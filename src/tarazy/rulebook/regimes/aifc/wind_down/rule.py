"""The facility can end its business in order and give every client back what is theirs."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Wind-down is rehearsed",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="wind_down",
    provisions=("R101",),
    why=("No rule for a trading facility was seen. A rehearsal that pays everybody from segregated assets is timed."),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    age, most = case.age_days("wind_down_rehearsed_on"), case.value("age_days_max")
    unpaid = case.number("clients_unpaid_in_rehearsal")
    return case.holds(age <= most and unpaid == 0, f"rehearsed {age} days ago, {unpaid} clients not paid")
