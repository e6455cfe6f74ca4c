"""Management runs the business within risk limits that the board set."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Management keeps the limits of the board",
    kind=RuleKind.limit,
    form=RuleForm.partly,
    subject="board_limits",
    provisions=("R14",),
    why="Each running limit is compared with the board's; whether the board oversees well, a person judges.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each(
        "risk_limits",
        lambda row: row.number("running") <= row.number("board") and row.has("resolution"),
        "it runs within what the board resolved",
    )
