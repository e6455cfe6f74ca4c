"""Clients' assets are kept apart from the provider's, in operation and in law."""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Client assets apart",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="segregation",
    provisions=("M12",),
    why="Custody of the client pool against what is owed.",
    begins=date(2024, 12, 30),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each(
        "asset_positions",
        lambda row: row.number("client_custody_minor") >= row.number("owed_to_clients_minor"),
        "the client pool holds what is owed",
    )
