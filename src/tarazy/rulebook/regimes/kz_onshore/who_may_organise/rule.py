"""Trade in unsecured assets is organised by operators of the National Bank or by licensed participants of the
centre alone.
"""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Who may organise trade",
    kind=RuleKind.eligibility,
    form=RuleForm.coded,
    subject="licence",
    provisions=("R113",),
    why="Regime and state of the licence decide; the statutory exceptions were not seen.",
    begins=date(2026, 1, 16),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    live = [
        row
        for row in case.current("licences")
        if row.text("regime") in case.value("regimes") and row.text("state") in case.value("states")
    ]
    return case.holds(bool(live), f"{len(live)} licences or registrations of a regime that may organise trade")
