"""An order of a client is executed only where the account holds enough fiat or admitted assets."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict, combined

RULE = Rule(
    title="Prefunding",
    kind=RuleKind.prohibition,
    form=RuleForm.coded,
    subject="prefunding",
    provisions=("R51",),
    why="Negative balances and ledger sums that do not close are counted over the whole record.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    negative, broken = case.number("negative_balances"), case.number("ledger_sums_broken")
    return combined(
        [
            case.holds(negative == 0, f"{negative} balances are below zero"),
            case.holds(broken == 0, f"{broken} assets whose ledger does not close"),
        ]
    )
