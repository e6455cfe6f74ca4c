"""Assets with a built-in anonymisation function are not admitted unless holders and history can be identified."""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="No built-in anonymisation",
    kind=RuleKind.prohibition,
    form=RuleForm.coded,
    subject="prohibited_assets",
    provisions=("M02",),
    why="A flag of the asset, and one of the venue.",
    begins=date(2024, 12, 30),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each(
        "assets_traded", lambda row: not row.flag("anonymity") or row.flag("identifiable"), "holders can be identified"
    )
