"""Every quarter the regulator has a financial statement, an income statement, the capital calculation and a
statement of compliance.
"""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.days import quarter_before
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict, combined

RULE = Rule(
    title="Quarterly report",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="quarterly_report",
    provisions=("R91",),
    why="Presence of the four parts and of a report for the last whole quarter; the due date was not seen.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    last = quarter_before(case.asof)
    filed = {row.text("id") for row in case.rows("quarterly_reports")}
    return combined(
        [
            case.has_all("quarterly_report_parts", case.value("parts")),
            case.holds(last in filed, f"a report for {last}"),
        ]
    )
