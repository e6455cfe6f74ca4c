"""Systems and controls cover the making, managing and control of wallets and keys."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Procedures for keys",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="key_procedures",
    provisions=("R74",),
    why="Every key in the register names its owner and procedure; the text is of market institutions.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each("keys", lambda row: row.has("owner") and row.has("procedure"), "owner and procedure are named")
