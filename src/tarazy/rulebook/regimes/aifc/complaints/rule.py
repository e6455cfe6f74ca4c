"""Complaints are acknowledged promptly in writing, investigated, and resolved."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Complaints have clocks",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="complaints",
    provisions=("R99",),
    why="Seven and sixty days are the regulator's guidance, not the rule.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    acknowledge, resolve = case.value("acknowledge_days"), case.value("resolve_days")
    return case.each(
        "complaints",
        lambda row: (
            row.days_between("received", "acknowledged") <= acknowledge
            and ((row.day("resolved") if row.has("resolved") else case.asof) - row.day("received")).days <= resolve
        ),
        "acknowledged and resolved in time",
    )
