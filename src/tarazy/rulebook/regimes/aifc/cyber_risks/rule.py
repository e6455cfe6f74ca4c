"""Systems and controls meet cyber and other risk in proportion to the business."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Cyber risks have controls",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="cyber_risks",
    provisions=("R79",),
    why="Every risk names a control; whether it suffices, a person judges. The text is of service providers.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each("risks", lambda row: row.has("control"), "a control meets the risk")
