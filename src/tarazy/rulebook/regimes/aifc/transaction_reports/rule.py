"""Transactions are reported to the regulator."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Transactions are reported",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="transaction_reports",
    provisions=("R90",),
    why=(
        "Content, format and deadline were not seen. The age of the newest report is compared once a person sets "
        "the deadline."
    ),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    age, most = case.age_days("transactions_reported_on"), case.value("deadline_days")
    return case.holds(age <= most, f"reported {age} days ago")
