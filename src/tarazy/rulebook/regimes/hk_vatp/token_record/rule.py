"""A token has a record of at least twelve months."""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Twelve months of record",
    kind=RuleKind.eligibility,
    form=RuleForm.coded,
    subject="token_record",
    provisions=("H01",),
    why="Months since the first trade anywhere.",
    begins=date(2023, 6, 1),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    least = case.value("months_min")
    return case.each("assets_traded", lambda row: row.number("months_traded") >= least, f"{least} months of record")
