"""Evidence and notices of a classification are kept for six years after the relationship ends."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.days import years_after
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Records of classes are kept",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="class_records",
    provisions=("R37",),
    why="Dates of a relationship that ended are compared; a running one keeps all.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    years = case.value("years_min")
    return case.each(
        "class_records",
        lambda row: row.day("kept_until") >= years_after(row.day("ended"), years),
        f"kept for {years} years",
    )
