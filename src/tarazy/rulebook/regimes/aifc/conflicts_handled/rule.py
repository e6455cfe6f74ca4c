"""Every conflict of interest that was found is prevented, managed, disclosed or declined."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Conflicts are handled",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="conflicts_handled",
    provisions=("R18",),
    why="Presence of a handling is decided; whether it is enough, a person judges. Title alone was seen.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each(
        "conflicts",
        lambda row: row.text("handling") in case.value("handlings"),
        "the conflict is handled",
    )
