"""Exchange operators, trading platforms and issuers are subjects of financial monitoring and report to the state's
body.
"""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Subject of financial monitoring",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="monitoring_subject",
    provisions=("R129",),
    why="Registration and a channel are facts; the quality of reports a person judges.",
    begins=date(2026, 1, 16),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.holds(
        case.flag("monitoring_registered") and case.flag("monitoring_channel"), "registered, with a channel for reports"
    )
