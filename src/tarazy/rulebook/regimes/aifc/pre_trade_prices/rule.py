"""Members and clients see current bid and offer prices and the traded volume all the time that the market is open."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Current bid, offer and volume",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="pre_trade_transparency",
    provisions=("R45",),
    why=("The largest gap of the feed in open hours is measured; the text says continuously, the seconds are ours."),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    gap, most = case.number("feed_gap_max_s"), case.value("gap_max_s")
    return case.holds(gap <= most, f"the feed was silent for at most {gap} seconds")
