"""Service providers carry the conduct rules on derivatives into their internal documents."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Derivatives in internal documents",
    kind=RuleKind.obligation,
    form=RuleForm.attested,
    subject="derivative_provisions",
    provisions=("R56",),
    why="A document; the newer text was seen in its beginning.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.attested()
