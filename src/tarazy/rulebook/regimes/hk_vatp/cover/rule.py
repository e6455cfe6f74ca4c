"""Half of cold and all of hot assets are covered by insurance or set-aside funds."""

from __future__ import annotations

from datetime import date

from tarazy.domain.arithmetic import div_ceil
from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Cover of client assets",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="cover",
    provisions=("H05",),
    why="Cover against the two amounts in one currency.",
    begins=date(2023, 6, 1),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    cold, hot = case.number("cold_value_usd"), case.number("hot_value_usd")
    needed = div_ceil(cold * case.value("cold_permille"), 1000) + hot
    cover = case.number("cover_usd")
    return case.holds(cover >= needed, f"cover of {cover} USD against {needed}")
