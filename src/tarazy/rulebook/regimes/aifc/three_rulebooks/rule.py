"""The operator writes business rules, rules of admission to trading and membership rules."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Three rulebooks",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="three_rulebooks",
    provisions=("R23",),
    why="Presence of the three with a hash.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.has_all("rulebooks", case.value("rulebooks"))
