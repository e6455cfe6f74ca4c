"""Material outsourcing is notified to the regulator; the firm answers for it."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Outsourcing is notified",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="outsourcing",
    provisions=("R100",),
    why="Dates and an exit plan; titles alone were seen.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each(
        "outsourcing",
        lambda row: row.day("notified") <= row.day("began") and row.flag("exit_plan"),
        "notified before it began, with an exit plan",
        only=lambda row: row.flag("material"),
    )
