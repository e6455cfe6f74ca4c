"""Banks open accounts for licensed providers and control what clients pay in and out."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Fiat comes from the client's own account",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="bank_accounts",
    provisions=("R103",),
    why="Payments whose payer is not the client are counted; that own name is asked for is to be verified.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    others = case.number("payments_from_others")
    return case.holds(others == 0, f"{others} payments from somebody else's account")
