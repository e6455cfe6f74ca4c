"""The venue can refuse orders beyond preset bounds of price and volume, pause trading, and correct errors."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Collars, halts and limits",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="trading_controls",
    provisions=("R52",),
    why=(
        "Every market in the record has a collar, a corridor and a largest quantity. The text is of market "
        "institutions."
    ),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each(
        "markets",
        lambda row: min(row.number("collar_ppm"), row.number("corridor_ppm"), row.number("quantity_max_lots")) > 0,
        "collar, corridor and largest quantity are set",
    )
