"""Members and clients are told which conflicts may arise on a trade, and how these are handled fairly."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Conflicts told before the first trade",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="conflict_notice",
    provisions=("R19",),
    why="Presence of the notice and its acknowledgement before the first trade of each account are counted.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    without = case.number("accounts_trading_without_conflict_notice")
    return case.holds(without == 0, f"{without} accounts traded before they had the notice")
