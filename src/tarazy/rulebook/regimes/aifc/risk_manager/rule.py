"""Where the regulator directs it, the operator has a risk manager."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Risk manager on direction",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="risk_manager",
    provisions=("R11",),
    why="Conditional on the direction, which is a fact of its own.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    if not case.flag("risk_manager_directed"):
        return case.not_applicable("the regulator directed no risk manager")
    holders = [row for row in case.current("appointments") if row.text("role") == "risk manager"]
    return case.holds(len(holders) == 1, f"{len(holders)} risk managers")
