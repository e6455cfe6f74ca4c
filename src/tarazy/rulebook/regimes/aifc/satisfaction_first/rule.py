"""An asset trades only after the operator satisfied itself that the requirements are met."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict, combined

RULE = Rule(
    title="Decision before the first trade",
    kind=RuleKind.prohibition,
    form=RuleForm.coded,
    subject="admission_decision",
    provisions=("R60",),
    why="Trades of assets before their admission are counted in the record; dates of decisions are compared.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    early = case.number("trades_before_admission")
    return combined(
        [
            case.holds(early == 0, f"{early} trades before admission"),
            case.each(
                "admissions", lambda row: row.day("decided") <= row.day("tradable"), "decided before it could trade"
            ),
        ]
    )
