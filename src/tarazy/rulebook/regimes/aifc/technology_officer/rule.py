"""One officer answers for the running, upkeep, security and reliability of the technology."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict, combined

RULE = Rule(
    title="Chief information technology officer",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="technology_officer",
    provisions=("R10",),
    why="The post has one holder, and every technology control names an owner.",
)

ROLE = "chief information technology officer"


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    holders = [row for row in case.current("appointments") if row.text("role") == ROLE]
    return combined(
        [
            case.holds(len(holders) == 1, f"{len(holders)} holders of the post"),
            case.each("technology_controls", lambda row: row.has("owner"), "the control has an owner"),
        ]
    )
