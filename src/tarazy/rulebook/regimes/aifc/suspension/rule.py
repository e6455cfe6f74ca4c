"""An asset that is suspended or removed does not trade, and the decision is published."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict, combined

RULE = Rule(
    title="Suspended assets do not trade",
    kind=RuleKind.prohibition,
    form=RuleForm.coded,
    subject="suspension",
    provisions=("R67",),
    why=(
        "Trades while suspended are counted in the record, publication is timed. Body not seen; states follow a "
        "sister text."
    ),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    trades, most = case.number("trades_while_suspended"), case.value("publish_days_max")
    return combined(
        [
            case.holds(trades == 0, f"{trades} trades while suspended"),
            case.each(
                "asset_changes", lambda row: row.days_between("decided", "published") <= most, "published in time"
            ),
        ]
    )
