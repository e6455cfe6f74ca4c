"""The first supervision fee is paid within 21 days of the start of operations, each later one by the first of
January.
"""

from __future__ import annotations

from datetime import date, timedelta

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Supervision fee on time",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="supervision_fee",
    provisions=("R07",),
    why="Days are counted; the amount depends on the activities and is not judged here.",
)


def _due(case: RuleCase, began: date, year: int) -> date:
    """Return the last day on which the fee of a year can be paid."""
    if year == began.year:
        return began + timedelta(days=case.value("first_days"))
    return date(year, 1, 1)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    began = case.day("operations_began")
    return case.each(
        "supervision_fees",
        lambda row: row.day("paid") <= _due(case, began, row.number("year")),
        "the fee was paid when due",
    )
