"""That a membership is suspended or ended is published on the website."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Ended memberships are published",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="membership_endings",
    provisions=("R32",),
    why="Publication is timed; the text was seen by title, and no period, so ours stands.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    most = case.value("publish_days_max")
    return case.each(
        "membership_endings",
        lambda row: row.days_between("ended", "published") <= most,
        f"published within {most} days",
    )
