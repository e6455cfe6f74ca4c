"""The depth at the prices shown can be seen."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Depth at advertised prices",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="depth",
    provisions=("R46",),
    why="Levels that the feed shows are compared with the book; those that differ are counted.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    differing = case.number("depth_levels_differing")
    return case.holds(differing == 0, f"{differing} levels of the feed differ from the book")
