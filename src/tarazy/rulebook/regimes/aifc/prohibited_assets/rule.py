"""Prohibited assets do not trade."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="No prohibited assets",
    kind=RuleKind.prohibition,
    form=RuleForm.coded,
    subject="prohibited_assets",
    provisions=("R64",),
    why=(
        "No list of the centre was seen. Anonymity-enhanced and algorithmic tokens are banned by a neighbouring "
        "regulator, and by default here."
    ),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    banned = case.value("features")
    return case.each(
        "assets_traded",
        lambda row: not any(row.flag(feature) for feature in banned),
        "it has no banned feature",
    )
