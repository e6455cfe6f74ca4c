"""Orders meet under rules that leave nobody a choice."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict, combined

RULE = Rule(
    title="Orders meet by fixed rules",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="fair_matching",
    provisions=("R44",),
    why=(
        "A replay by the second engine reproduces every fill; trade-throughs and queue jumps are counted by the "
        "invariants on the way."
    ),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return combined(
        [
            case.holds(case.flag("record_replays"), "a replay of the record gives the same fills"),
            case.holds(case.number("priority_violations") == 0, "no order was passed over"),
        ]
    )
