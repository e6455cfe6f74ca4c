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
        "The comparison is whole; the amount was never seen and no default is put in its place, so the answer "
        "stays unknown until a person sets it."
    ),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    resources, least = case.number("capital_resources_usd"), case.value("capital_min_usd")
    return case.holds(resources >= least, f"capital of {resources} USD against {least}")
