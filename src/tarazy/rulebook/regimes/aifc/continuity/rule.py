"""Services keep running with resources in proportion."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Continuity is measured",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="continuity",
    provisions=("R85",),
    why=("Time to recover in the newest drill; the text is of issuers, two hours are taken from European practice."),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    most = case.value("recovery_max_minutes")
    return case.each("drills", lambda row: row.number("recovery_minutes") <= most, f"recovered within {most} minutes")
