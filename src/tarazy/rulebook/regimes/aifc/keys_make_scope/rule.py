"""A wallet of which the firm holds a key or seed phrase is one that it controls."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="A key share is control",
    kind=RuleKind.definition,
    form=RuleForm.coded,
    subject="keys_make_scope",
    provisions=("R69",),
    why=(
        "Wallets with a share of a key are compared with the scope of client assets. The text is of service providers."
    ),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each(
        "wallets",
        lambda row: row.flag("in_scope"),
        "it counts as controlled",
        only=lambda row: row.number("key_shares") > 0,
    )
