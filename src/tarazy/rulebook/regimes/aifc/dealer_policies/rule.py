"""Dealers have policies on offences, on execution, and on access and withdrawal when markets are wild."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Policies of dealers",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="dealer_policies",
    provisions=("R125",),
    why="Presence; content a person judges. The text is of service providers.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.has_all("policies", case.value("policies"))
