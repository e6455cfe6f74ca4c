"""Errors, omissions, fraud and unauthorised acts in trading are detected and prevented."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Manual acts have two signers",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="trade_errors",
    provisions=("R50",),
    why=(
        "In the record, instructions that move assets or rules and carry one signature are counted; the policies "
        "themselves a person judges."
    ),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    single = case.number("instructions_with_one_signer")
    return case.holds(single == 0, f"{single} instructions that need two signers have one")
