"""A facility for tokens controls who may write the ledger, and that it fits its purpose."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Technology of a token facility",
    kind=RuleKind.obligation,
    form=RuleForm.attested,
    subject="token_facility_technology",
    provisions=("R86",),
    why="For tokenised products alone; not of an ordinary trading facility.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.attested()
