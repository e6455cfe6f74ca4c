"""Systems and members' connections are tested and reviewed."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Tests and drills",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="drills",
    provisions=("R84",),
    why="Age of the newest drill of each kind; titles of market institutions alone were seen.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    most = case.value("age_days_max")
    return case.each("drills", lambda row: (case.asof - row.day("held")).days <= most, f"held within {most} days")
