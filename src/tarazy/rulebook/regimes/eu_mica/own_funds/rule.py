"""A trading platform holds EUR 150,000 or a quarter of the year's fixed overheads, the higher."""

from __future__ import annotations

from datetime import date

from tarazy.domain.arithmetic import div_ceil
from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Own funds",
    kind=RuleKind.limit,
    form=RuleForm.coded,
    subject="capital",
    provisions=("M08",),
    why="Both amounts are compared.",
    begins=date(2024, 12, 30),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    least = max(
        case.value("permanent_min_eur"), div_ceil(case.number("fixed_overheads_eur"), case.value("overheads_part"))
    )
    funds = case.number("own_funds_eur")
    return case.holds(funds >= least, f"own funds of {funds} EUR against {least}")
