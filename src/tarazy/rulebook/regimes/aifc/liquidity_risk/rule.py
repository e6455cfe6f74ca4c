"""Liquidity and arbitrage risk of the venue are watched."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Liquidity and price deviation",
    kind=RuleKind.limit,
    form=RuleForm.coded,
    subject="liquidity_risk",
    provisions=("R54",),
    why="Named as themes in January 2023 without any number. The bounds stay unset until a person sets them.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    spread, deviation = case.value("spread_max_ppm"), case.value("deviation_max_ppm")
    return case.each(
        "liquidity_days",
        lambda row: row.number("spread_ppm") <= spread and row.number("deviation_ppm") <= deviation,
        "spread and deviation from the reference are within the bounds",
    )
