"""Clients are identified and watched, and suspicions reported, under the rules against money laundering."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Due diligence before the account",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="due_diligence",
    provisions=("R112",),
    why=(
        "Accounts opened before the checks were done are counted; the checks themselves a person judges. Bodies "
        "not seen."
    ),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    early = case.number("accounts_before_due_diligence")
    return case.holds(early == 0, f"{early} accounts were opened before the checks were done")
