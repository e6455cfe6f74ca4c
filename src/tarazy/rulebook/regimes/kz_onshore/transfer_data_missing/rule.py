"""A transfer whose sender's or recipient's data are missing is suspended, asked about, and refused if they do not
come.
"""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Transfers without data wait",
    kind=RuleKind.prohibition,
    form=RuleForm.coded,
    subject="travel_rule",
    provisions=("R117",),
    why="The state of every incomplete transfer is decided.",
    begins=date(2026, 1, 16),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each(
        "incoming_transfers",
        lambda row: row.text("state") in case.value("states"),
        "it waits, was completed or was refused",
        only=lambda row: row.flag("missing"),
    )
