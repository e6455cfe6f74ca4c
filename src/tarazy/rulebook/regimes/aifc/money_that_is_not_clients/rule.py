"""Six kinds of money are not client money; all other money of clients is."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="What is not client money",
    kind=RuleKind.definition,
    form=RuleForm.coded,
    subject="money_that_is_not_clients",
    provisions=("R121",),
    why="Every exclusion names one of the six and its evidence.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each(
        "client_money_exclusions",
        lambda row: row.text("reason") in case.value("reasons") and row.has("evidence_sha256"),
        "one of the six reasons, with evidence",
    )
