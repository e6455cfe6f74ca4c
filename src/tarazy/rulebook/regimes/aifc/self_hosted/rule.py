"""For a transfer to or from a self-hosted wallet the firm holds the same data, from its own client."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Self-hosted wallets: same data",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="self_hosted",
    provisions=("R109",),
    why="Four elements by presence, for every size.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    needed = case.value("elements")
    return case.each(
        "travel_transfers",
        lambda row: all(row.flag(element) for element in needed),
        "the data are there",
        only=lambda row: row.text("wallet") == "self-hosted",
    )
