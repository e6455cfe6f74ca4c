"""The regulator is told immediately of a significant breach of the cyber policy, actual or imminent."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Incidents are told at once",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="incident_notice",
    provisions=("R82",),
    why=(
        "Minutes from detection to notice; immediately is read as an hour, by the house. The text is of market "
        "institutions."
    ),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    most = case.value("notice_max_minutes")
    return case.each("incidents", lambda row: row.number("notice_minutes") <= most, f"told within {most} minutes")
