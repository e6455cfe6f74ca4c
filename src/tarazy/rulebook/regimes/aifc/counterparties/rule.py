"""A counterparty provider is vetted before the first transfer, and looked at again."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Counterparty providers are vetted",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="counterparties",
    provisions=("R111",),
    why="Dates; the period of the review is ours.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    most = case.value("review_days_max")
    return case.each(
        "counterparties",
        lambda row: row.day("vetted") <= row.day("first_transfer") and (case.asof - row.day("reviewed")).days <= most,
        "vetted first and reviewed in time",
    )
