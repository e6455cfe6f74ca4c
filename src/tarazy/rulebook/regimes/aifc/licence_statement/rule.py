"""What the facility publishes about its licence is what the register says."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="The public licence statement is true",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="licence_statement",
    provisions=("R119",),
    why="Number, state and end are compared.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each(
        "licence_statements",
        lambda row: (
            row.text("number") == row.text("register_number")
            and row.text("state") == row.text("register_state")
            and row.day("expires") == row.day("register_expires")
        ),
        "it says what the register says",
    )
