"""Capital resources are at no time below the minimum for a trading facility."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Minimum capital",
    kind=RuleKind.limit,
    form=RuleForm.coded,
    subject="capital",
    provisions=("R04",),
    why=(
        "The comparison is whole; the amount was never seen and no default is put in its place. What the regulator "
        "sets, by two officers in its record, counts; until then the answer stays unknown."
    ),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    resources = case.number("capital_resources_usd")
    is_set = case.is_known("capital_minimum_usd")
    least = case.number("capital_minimum_usd") if is_set else case.value("capital_min_usd")
    return case.holds(resources >= least, f"capital of {resources} USD against {least}")
