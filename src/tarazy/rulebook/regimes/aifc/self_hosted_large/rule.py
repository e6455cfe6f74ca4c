"""Above USD 1,000, or on suspicion, a self-hosted wallet is screened and its ownership checked."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Self-hosted wallets above USD 1,000",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="self_hosted_large",
    provisions=("R110",),
    why="Presence of both; limits and monitoring by risk a person judges.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    most = case.value("threshold_usd")
    return case.each(
        "travel_transfers",
        lambda row: row.flag("screened") and row.flag("ownership"),
        "screened, and ownership checked",
        only=lambda row: row.text("wallet") == "self-hosted" and (row.number("usd") > most or row.flag("suspicion")),
    )
