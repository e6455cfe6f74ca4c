"""Measures reduce and detect market abuse, financial crime and laundering, monitoring of transactions among them."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict, combined

RULE = Rule(
    title="Transactions are watched",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="surveillance",
    provisions=("R87",),
    why="Detectors that run and the age of open alerts; whether an alert was judged rightly, a person says.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    most = case.value("alert_days_max")
    return combined(
        [
            case.has_all("detectors", case.value("detectors")),
            case.each(
                "alerts",
                lambda row: ((row.day("closed") if row.has("closed") else case.asof) - row.day("raised")).days <= most,
                f"closed within {most} days or still within them",
            ),
        ]
    )
