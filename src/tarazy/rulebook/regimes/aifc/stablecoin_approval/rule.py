"""Fiat and commodity stablecoins are admitted with the regulator's approval, or from an issuer licensed for them."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Stablecoins need approval",
    kind=RuleKind.prohibition,
    form=RuleForm.coded,
    subject="stablecoin_approval",
    provisions=("R61",),
    why="Presence of one of the two. In the text that was read, other assets need no approval.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each(
        "admissions",
        lambda row: row.has("approval_id") or row.has("issuer_licence_id"),
        "approval or a licensed issuer",
        only=lambda row: row.text("kind") in case.value("kinds"),
    )
