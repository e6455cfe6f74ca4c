"""Trades settle with finality."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Settlement within a day",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="settlement",
    provisions=("R58",),
    why=(
        "The longest time from trade to posting in the record; titles alone were seen, a day is taken from a "
        "neighbouring regulator."
    ),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    seconds, most = case.number("settlement_max_s"), case.value("settlement_max_s")
    return case.holds(seconds <= most, f"settled within {seconds} seconds")
