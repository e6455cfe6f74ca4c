"""Residents declare the digital assets that they own on the last day of the year, with exchange or wallet and
address.
"""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Certificates at the year's end",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="year_end_certificates",
    provisions=("R128",),
    why="That every resident client can have a certificate is counted.",
    begins=date(2026, 1, 1),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    without = case.number("residents_without_certificate")
    return case.holds(without == 0, f"{without} residents have no certificate")
