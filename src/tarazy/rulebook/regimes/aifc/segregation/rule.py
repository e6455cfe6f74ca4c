"""Client investments are recorded, registered and held apart from the firm's own."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict, combined

RULE = Rule(
    title="Client assets apart from the house's",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="segregation",
    provisions=("R71",),
    why=(
        "Custody of the client pool is compared with what is owed, asset by asset, and wallets in both sets are "
        "counted."
    ),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    both = case.number("wallets_of_both")
    return combined(
        [
            case.each(
                "asset_positions",
                lambda row: row.number("client_custody_minor") >= row.number("owed_to_clients_minor"),
                "the client pool holds what is owed",
            ),
            case.holds(both == 0, f"{both} wallets are both client and house"),
        ]
    )
