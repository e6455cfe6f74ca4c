"""Within six months of the financial year's end the regulator has the listed figures on clients, staff, keys,
custody, group and outsourcing.
"""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.days import months_after
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict, combined

RULE = Rule(
    title="Annual information",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="annual_information",
    provisions=("R92",),
    why=(
        "Presence of the items and the date; narrative items a person judges, and further items were cut off in "
        "the text read."
    ),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    due = months_after(case.day("financial_year_end"), case.value("months"))
    return combined(
        [
            case.has_all("annual_items", case.value("items")),
            case.holds(case.day("annual_information_filed_on") <= due, f"filed by {due}"),
        ]
    )
