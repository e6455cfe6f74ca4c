"""Board and committees have the mix of skills that the business needs."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Balance of the board",
    kind=RuleKind.obligation,
    form=RuleForm.attested,
    subject="board_balance",
    provisions=("R15",),
    why="The text breaks off and is of judgement; a skills matrix is attested.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.attested()
