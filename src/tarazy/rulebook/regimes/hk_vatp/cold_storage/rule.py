"""At least 98 of a hundred client assets lie in cold wallets."""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="98 of a hundred in cold wallets",
    kind=RuleKind.limit,
    form=RuleForm.coded,
    subject="cold_storage",
    provisions=("H04",),
    why="Share from the record.",
    begins=date(2023, 6, 1),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    least = case.value("cold_min_ppm")
    return case.each("custody_shares", lambda row: row.number("cold_ppm") >= least, f"at least {least} ppm are cold")
