"""Clients have confirmations and periodic statements."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Statements to clients",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="client_statements",
    provisions=("R78",),
    why="Clients without a statement in the period are counted; periods were not seen, a month is ours.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    without, age = case.number("clients_without_statement"), case.age_days("statements_sent_on")
    most = case.value("age_days_max")
    return case.holds(without == 0 and age <= most, f"{without} clients without one, sent {age} days ago")
