"""Significant breaches, changes of the constitution and complaints are notified."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Events are notified",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="event_notices",
    provisions=("R93",),
    why="Days from event to notice; titles of market institutions alone were seen, the period is ours.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    most = case.value("notice_days_max")
    return case.each(
        "notifiable_events", lambda row: row.days_between("happened", "notified") <= most, f"within {most} days"
    )
