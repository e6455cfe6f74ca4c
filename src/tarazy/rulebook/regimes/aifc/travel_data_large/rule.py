"""From USD 1,000 on, a transfer between people carries both names, both references and one identity of the sender."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Data of transfers from USD 1,000",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="travel_rule",
    provisions=("R106",),
    why="Five elements by presence; at exactly 1,000 both paragraphs apply and the fuller set counts.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    least, needed = case.value("threshold_usd"), case.value("elements")
    return case.each(
        "travel_transfers",
        lambda row: all(row.flag(element) for element in needed),
        "all five elements are there",
        only=lambda row: row.text("party") == "person" and row.number("usd") >= least,
    )
