"""A licence in the register has one of its known states, and its end is seen coming."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="States of the register",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="register_states",
    provisions=("R118",),
    why="State and days to the end; states as a third party read them in the register.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    least = case.value("alarm_days")
    return case.each(
        "licences",
        lambda row: row.text("state") in case.value("states") and (row.day("expires") - case.asof).days >= least,
        f"a known state, and {least} days to its end",
    )
