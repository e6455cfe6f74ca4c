"""The facility keeps a list of its members and users."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Everybody who trades is on the list",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="member_list",
    provisions=("R30",),
    why="Owners of accounts in the record are compared with the register.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    owners, listed = case.number("owners_in_record"), case.number("clients_registered")
    return case.holds(listed >= owners, f"{listed} on the list, {owners} owners of accounts")
