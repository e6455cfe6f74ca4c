"""Providers exchange limit data accurately, completely and on time, so that the cap is kept across all of them."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Providers share the cap",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="cap_exchange",
    provisions=("R40",),
    why="Freshness of what each provider sent; the text names no period, ours stands.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    most = case.value("age_max_s")
    return case.each("cap_exchanges", lambda row: row.number("age_s") <= most, f"no older than {most} seconds")
