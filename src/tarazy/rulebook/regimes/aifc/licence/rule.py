"""A trading facility is operated under a licence of the regulator that covers the activity and the day."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Licence to operate",
    kind=RuleKind.eligibility,
    form=RuleForm.partly,
    subject="licence",
    provisions=("R01",),
    why=(
        "Scope, state and dates of the register entry decide; whether the business stays within the conditions, a "
        "person judges."
    ),
)

ACTIVITY = "operating a trading facility"


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    live = [
        row
        for row in case.rows("licences")
        if row.text("activity") == ACTIVITY
        and row.text("state") in case.value("states_that_operate")
        and row.day("begins") <= case.asof <= row.day("expires")
    ]
    return case.holds(bool(live), f"{len(live)} licences for {ACTIVITY} on {case.asof}")
