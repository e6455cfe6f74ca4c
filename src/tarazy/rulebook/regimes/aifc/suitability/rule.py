"""An asset is suitable for use in the centre after the listed matters are weighed."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Suitability is scored",
    kind=RuleKind.eligibility,
    form=RuleForm.partly,
    subject="suitability",
    provisions=("R63",),
    why=(
        "Completeness, two people and age are decided. The list of matters was not seen; five are taken from a "
        "neighbouring regulator."
    ),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    matters, most = case.value("matters"), case.value("age_days_max")
    return case.each(
        "score_cards",
        lambda row: (
            row.number("matters") >= matters
            and row.text("scored_by") != row.text("reviewed_by")
            and (case.asof - row.day("scored")).days <= most
        ),
        "scored on every matter, by two people, in time",
    )
