"""Who has direct electronic access has a sponsor who answers for the orders, and is looked at again in time."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Direct electronic access is reviewed",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="direct_access",
    provisions=("R31",),
    why="Sponsor and age of the review are decided. Titles alone were seen; the period is ours.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    most = case.value("review_days_max")
    return case.each(
        "access_grants",
        lambda row: row.has("sponsor") and (case.asof - row.day("reviewed")).days <= most,
        "it has a sponsor and a review in time",
    )
