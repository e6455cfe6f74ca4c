"""The firm can say promptly how much client money it holds for each client."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="A client's money is told promptly",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="prompt_balances",
    provisions=("R96",),
    why="Time of the slowest answer measured; promptly is read as the house sets it.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    slowest, most = case.number("balance_answer_max_ms"), case.value("answer_max_ms")
    return case.holds(slowest <= most, f"answered within {slowest} ms")
