"""Data of transfers are stored so that they cannot be altered and are at hand for the regulator."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="The record cannot be altered",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="unalterable_record",
    provisions=("R97",),
    why="The chain of hashes of the whole record is read and compared.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.holds(case.flag("record_verifies"), "every hash of the record is as it was written")
