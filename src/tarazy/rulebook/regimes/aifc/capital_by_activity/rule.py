"""Who deals as principal holds USD 250,000, unless limited to matched orders and allowed a lower amount."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Capital of further activities",
    kind=RuleKind.limit,
    form=RuleForm.coded,
    subject="capital_by_activity",
    provisions=("R124",),
    why="Asked of the licences that name the activity; the amount for matched dealing was cut off.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    least = case.value("principal_min_usd")
    deals = any(row.text("activity") == "dealing as principal" for row in case.rows("licences"))
    if not deals:
        return case.not_applicable("no licence for dealing as principal")
    resources = case.number("capital_resources_usd")
    return case.holds(resources >= least, f"capital of {resources} USD against {least}")
