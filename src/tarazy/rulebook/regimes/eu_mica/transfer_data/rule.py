"""Every transfer between providers carries data of sender and recipient, of any size."""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Data with every transfer",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="travel_rule",
    provisions=("M09",),
    why=(
        "Four elements by presence; above EUR 1,000 self-hosted wallets are checked, which the AIFC rule decides alike."
    ),
    begins=date(2024, 12, 30),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    needed = case.value("elements")
    return case.each("travel_transfers", lambda row: all(row.flag(each) for each in needed), "the data are there")
