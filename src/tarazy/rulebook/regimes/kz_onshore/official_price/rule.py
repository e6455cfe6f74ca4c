"""For tax the value of the day is used; on a day without work that of the working day before."""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Official price of the day",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="official_price",
    provisions=("R127",),
    why="Source and the day of the price are compared.",
    begins=date(2026, 1, 1),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each(
        "official_prices",
        lambda row: row.text("source") == case.value("source") and row.day("priced") == row.day("last_workday"),
        "it is the price of the last working day from the named source",
    )
