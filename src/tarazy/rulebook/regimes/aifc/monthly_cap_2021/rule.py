"""Until the framework of 2024, a resident retail client bought for USD 1,000 a month, or with proof for the lesser
of a tenth of income and a twentieth of net worth.
"""

from __future__ import annotations

from datetime import date

from tarazy.domain.arithmetic import div_floor
from tarazy.rulebook.case import FactRow, RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="The cap of 2021",
    kind=RuleKind.limit,
    form=RuleForm.coded,
    subject="monthly_cap",
    provisions=("R42",),
    why=(
        "Superseded, and kept so that older quarters are judged by what was in force then. The upper bound of USD "
        "100,000 is by press."
    ),
    begins=date(2021, 10, 26),
    ends=date(2023, 12, 31),
)


def _most(case: RuleCase, row: FactRow) -> int:
    """Return the most that a client may buy in the month, USD."""
    if not row.flag("proven"):
        return int(case.value("monthly_cap_usd"))
    income = div_floor(row.number("income_usd"), case.value("income_part"))
    worth = div_floor(row.number("net_worth_usd"), case.value("worth_part"))
    return min(income, worth, int(case.value("proven_max_usd")))


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each(
        "resident_months", lambda row: row.number("month_usd") <= _most(case, row), "within the cap of the month"
    )
