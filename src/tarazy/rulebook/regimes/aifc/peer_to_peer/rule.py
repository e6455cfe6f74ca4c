"""Between peers, assets are locked until settlement, the fiat leg is matched, and fiat goes through approved banks."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Peer-to-peer trades",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="peer_to_peer",
    provisions=("R57",),
    why="Asked only where it is offered.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    if not case.flag("peer_to_peer_offered"):
        return case.not_applicable("no trading between peers is offered")
    return case.each(
        "peer_deals",
        lambda row: row.flag("locked") and row.flag("fiat_evidence") and row.flag("bank_approved"),
        "locked, matched and through an approved bank",
    )
