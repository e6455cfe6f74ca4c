"""Wallets are hot or cold by whether the device is connected."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Share of assets in cold wallets",
    kind=RuleKind.limit,
    form=RuleForm.coded,
    subject="cold_storage",
    provisions=("R76",),
    why=(
        "No floor of the centre was found. The share is computed from the record; the floor is the strictest "
        "elsewhere, as a default."
    ),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    least = case.value("cold_min_ppm")
    return case.each("custody_shares", lambda row: row.number("cold_ppm") >= least, f"at least {least} ppm are cold")
