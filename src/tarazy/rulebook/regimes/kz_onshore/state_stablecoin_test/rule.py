"""A stablecoin of the state's list tells its value and backing, and its mean daily deviation of thirty days is at
most one per cent.
"""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="State test of stablecoins",
    kind=RuleKind.eligibility,
    form=RuleForm.coded,
    subject="stablecoin_tests",
    provisions=("R126",),
    why=("The page prints a plus before the one; both directions are meant here. Presence and arithmetic are decided."),
    begins=date(2025, 12, 13),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    most = case.value("deviation_max_ppm")
    return case.each(
        "stablecoins",
        lambda row: (
            row.flag("value_told")
            and row.flag("backing_told")
            and row.number("deviation_days") >= case.value("days_min")
            and abs(row.number("mean_deviation_ppm")) <= most
        ),
        "told in full, and steady for thirty days",
    )
