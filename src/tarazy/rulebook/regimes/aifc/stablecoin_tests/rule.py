"""A stablecoin is backed in full, by one of the listed currencies, and its issuer publishes the reserve at least
every quarter.
"""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Reserve and disclosure of stablecoins",
    kind=RuleKind.eligibility,
    form=RuleForm.coded,
    subject="stablecoin_tests",
    provisions=("R65",),
    why="The tests are those that bind issuers; that a venue must apply them is our inference.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    least, most, known = case.value("reserve_min_permille"), case.value("disclosure_days_max"), case.value("currencies")
    return case.each(
        "stablecoins",
        lambda row: (
            row.number("reserve_permille") >= least
            and row.number("disclosure_age_days") <= most
            and row.text("currency") in known
        ),
        "backed in full, disclosed in time, in a listed currency",
    )
