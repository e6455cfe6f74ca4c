"""The operator has a senior executive officer, a finance officer, a compliance officer and a money laundering
reporting officer.
"""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Four mandatory officers",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="officers",
    provisions=("R09",),
    why="Each post has exactly one holder on the day.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    roles = case.value("roles")
    holders = {role: [row.label for row in case.current("appointments") if row.text("role") == role] for role in roles}
    wrong = [role for role in roles if len(holders[role]) != 1]
    return case.holds(not wrong, f"posts without one holder: {len(wrong)} {', '.join(wrong)}")
