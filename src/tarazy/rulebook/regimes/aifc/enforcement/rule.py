"""Breaches of the facility's rules are investigated promptly."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Rules are enforced",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="enforcement",
    provisions=("R27",),
    why="The age of open investigations is decided; no period was seen, ours stands in its place.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    most = case.value("open_days_max")
    return case.each(
        "investigations",
        lambda row: ((row.day("closed") if row.has("closed") else case.asof) - row.day("opened")).days <= most,
        f"it was closed within {most} days or is still within them",
    )
