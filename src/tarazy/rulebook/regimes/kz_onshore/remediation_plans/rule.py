"""Who is under a measure hands in a plan; it is approved in writing or returned, and runs from the day the approval
arrives.
"""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Plans begin when they are approved",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="remediation_plans",
    provisions=("R116",),
    why="Order of the dates. The page belongs to the bill; the final wording was not compared.",
    begins=date(2026, 1, 16),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each(
        "remediation_plans",
        lambda row: row.day("started") == row.day("approved"),
        "it runs from the approval on",
        only=lambda row: row.has("approved"),
    )
