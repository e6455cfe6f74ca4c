"""Each kind of record is kept from its own event on: orders from the order, papers of a client from when the client
leaves.
"""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="When retention begins",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="retention_starts",
    provisions=("R95",),
    why="The start that the schedule names is compared with the one of the text.",
)

STARTS = {
    "classification": "relationship ends",
    "promotion": "promotion stops",
    "agreement": "client leaves",
    "orders": "order",
    "confirmations": "despatch",
    "statements": "provision",
    "inducements": "disclosure",
}


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each(
        "retention", lambda row: row.text("starts") == STARTS.get(row.text("id")), "it is kept from the right event on"
    )
