"""At least one third of the board are independent directors."""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="A third of the board is independent",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="independent_directors",
    provisions=("R13",),
    why=("Whole numbers are compared, so that a third is a third. The rule began twelve months after the framework."),
    begins=date(2025, 1, 1),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    seats, independent = case.number("board_seats"), case.number("board_independent")
    least, of = case.value("share_numerator"), case.value("share_denominator")
    return case.holds(independent * of >= seats * least, f"{independent} of {seats} directors are independent")
