"""Up to USD 1,000, a transfer between people carries both names and both references."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Data of smaller transfers",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="travel_data_small",
    provisions=("R107",),
    why="Four elements by presence.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    most, needed = case.value("threshold_usd"), case.value("elements")
    return case.each(
        "travel_transfers",
        lambda row: all(row.flag(element) for element in needed),
        "all four elements are there",
        only=lambda row: row.text("party") == "person" and row.number("usd") <= most,
    )
