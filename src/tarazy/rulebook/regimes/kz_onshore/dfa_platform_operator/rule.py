"""Such an operator is registered, a joint-stock company or a partnership, with a charter capital of at least 100
million tenge.
"""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Operator of a platform of digital financial assets",
    kind=RuleKind.eligibility,
    form=RuleForm.coded,
    subject="dfa_platform_operator",
    provisions=("R114",),
    why="Standing, legal form and capital are decided; papers on people and systems a person judges.",
    begins=date(2026, 1, 16),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    least = case.value("charter_min_kzt")
    return case.each(
        "onshore_operators",
        lambda row: (
            row.text("standing") == "registered"
            and row.text("form") in case.value("forms")
            and row.number("charter_kzt") >= least
        ),
        f"registered, of an allowed form, with {least} tenge of charter capital",
        only=lambda row: row.text("activity") == "operating a platform of digital financial assets",
    )
