"""What retail clients trade is a large asset of at least two indices of independent providers."""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Two indices for retail",
    kind=RuleKind.eligibility,
    form=RuleForm.coded,
    subject="two_indices",
    provisions=("H02",),
    why="Number of indices, for assets that retail clients trade.",
    begins=date(2023, 6, 1),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    least = case.value("indices_min")
    return case.each(
        "assets_traded",
        lambda row: row.number("indices") >= least,
        f"in {least} indices",
        only=lambda row: row.flag("retail"),
    )
