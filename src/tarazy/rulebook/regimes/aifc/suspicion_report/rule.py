"""A suspicion of abuse, crime or laundering is reported to the regulator immediately, in writing and in full."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Suspicions are reported at once",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="suspicion_report",
    provisions=("R88",),
    why="Minutes from suspicion to report; immediately is read as the house sets it.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    most = case.value("report_max_minutes")
    return case.each("suspicions", lambda row: row.number("report_minutes") <= most, f"reported within {most} minutes")
