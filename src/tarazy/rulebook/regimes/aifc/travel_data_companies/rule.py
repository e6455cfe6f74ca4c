"""Transfers of companies carry data sets of their own."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Data of companies' transfers",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="travel_data_companies",
    provisions=("R108",),
    why="The sets were not seen; names, references and an identity of the sender stand in, as for people.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    needed = case.value("elements")
    return case.each(
        "travel_transfers",
        lambda row: all(row.flag(element) for element in needed),
        "all elements are there",
        only=lambda row: row.text("party") == "company",
    )
