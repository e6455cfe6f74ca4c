"""Client assets are reconciled, and the reconciliation is reviewed."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Daily reconciliation",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="reconciliation",
    provisions=("R73",),
    why=(
        "Age and result of the newest report of each holding. Frequency not seen; daily satisfies every text that "
        "was read elsewhere."
    ),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    most = case.value("age_days_max")
    return case.each(
        "reconciliations",
        lambda row: row.number("age_days") <= most and row.flag("matches"),
        "reported in time and in agreement",
    )
