"""Nobody holds two of the four mandatory posts unless the regulator approved it in writing."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="No two of the four posts in one hand",
    kind=RuleKind.prohibition,
    form=RuleForm.coded,
    subject="no_doubling",
    provisions=("R12",),
    why="Holders are compared; an approval is a reference on the appointment.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    posts = [row for row in case.current("appointments") if row.text("role") in case.value("roles")]
    plain = [row.text("holder") for row in posts if not row.has("approval")]
    twice = sorted({holder for holder in plain if plain.count(holder) > 1})
    return case.holds(not twice, f"{len(twice)} people hold two posts without approval")
