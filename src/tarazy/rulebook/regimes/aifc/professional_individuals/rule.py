"""An individual is professional with net assets of USD 100,000 or more, knowledge or two years of work, and three
papers.
"""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Individuals who are professional",
    kind=RuleKind.eligibility,
    form=RuleForm.partly,
    subject="professional_individuals",
    provisions=("R35",),
    why="Threshold and papers are decided; the assessment of knowledge a person makes.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    assets, months = case.value("net_assets_min_usd"), case.value("work_months_min")
    return case.each(
        "professional_individuals",
        lambda row: (
            row.number("net_assets_usd") >= assets
            and (row.flag("assessed") or row.number("work_months") >= months)
            and row.flag("opt_in")
            and row.flag("warning")
            and row.flag("acknowledgement")
        ),
        "the tests are passed and the papers are there",
    )
