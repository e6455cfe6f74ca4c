"""Technology is audited and the report goes to the regulator."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.days import months_after
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Technology audit",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="technology_audit",
    provisions=("R83",),
    why="Date and independence; title alone was seen, four months are taken from a neighbouring regulator.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    months = case.value("months")
    return case.each(
        "technology_audits",
        lambda row: row.flag("independent") and row.day("submitted") <= months_after(row.day("year_end"), months),
        f"independent and submitted within {months} months",
    )
