"""The regulator may waive prices and depth for orders above a published threshold."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Waiver for large orders",
    kind=RuleKind.eligibility,
    form=RuleForm.coded,
    subject="pre_trade_transparency",
    provisions=("R48",),
    why="An exception: it excuses the prices only while a waiver runs and nothing smaller is hidden.",
    overrides="pre_trade_prices",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    live = [row for row in case.rows("transparency_waivers") if row.day("begins") <= case.asof <= row.day("ends")]
    if not live:
        return case.not_applicable("no waiver runs")
    least = max(row.number("threshold_minor") for row in live)
    smallest = case.number("hidden_order_min_minor")
    return case.holds(smallest >= least, f"the smallest hidden order is {smallest}, the threshold {least}")
