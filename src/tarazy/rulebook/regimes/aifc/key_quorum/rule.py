"""No single point of failure: keys in one place do not move assets, and access that ended is taken away."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict, combined

RULE = Rule(
    title="No single key moves assets",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="key_quorum",
    provisions=("R75",),
    why="Quorum, places and age of the access audit; all taken from a neighbouring regulator.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    least, most = case.value("places_min"), case.value("audit_days_max")
    age = case.age_days("key_access_audited_on")
    return combined(
        [
            case.each(
                "keys",
                lambda row: min(row.number("needed"), row.number("locations")) >= least,
                "more than one place is needed",
            ),
            case.holds(age <= most, f"access was audited {age} days ago"),
        ]
    )
