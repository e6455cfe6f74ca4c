"""People from failing or offshore states, managers of delicensed firms and people on lists neither found nor head
an operator.
"""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Founders and managers",
    kind=RuleKind.eligibility,
    form=RuleForm.partly,
    subject="founders_and_managers",
    provisions=("R115",),
    why=(
        "The four bars are flags with their lists; spotless reputation a person judges. The wording read may not "
        "be the final one."
    ),
    begins=date(2026, 1, 16),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    bars = case.value("bars")
    return case.each("onshore_people", lambda row: not any(row.flag(bar) for bar in bars), "no bar applies")
