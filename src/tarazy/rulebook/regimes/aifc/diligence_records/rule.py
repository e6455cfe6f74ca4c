"""Papers of due diligence and transactions are kept."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Records of due diligence",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="diligence_records",
    provisions=("R98",),
    why="Six years by a neighbouring regulator; the text of the centre was not seen.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    years = case.value("years_min")
    return case.each(
        "retention",
        lambda row: row.number("years") >= years,
        f"kept for {years} years",
        only=lambda row: row.text("id") == "due diligence",
    )
