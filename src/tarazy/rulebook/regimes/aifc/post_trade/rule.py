"""Price, volume and time of every trade are published as near to real time as can be."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Trades are published at once",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="post_trade",
    provisions=("R49",),
    why="Largest delay of the tape; body not seen, the bound is ours.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    delay, most = case.number("trade_publication_delay_max_ms"), case.value("delay_max_ms")
    return case.holds(delay <= most, f"published within {delay} ms")
