"""No client lends digital assets to another through the facility unless it is a professional client, or gives
collateral to a firm.
"""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Lending for professionals alone",
    kind=RuleKind.prohibition,
    form=RuleForm.coded,
    subject="lending",
    provisions=("R55",),
    why="Loans of others are counted; asked only where lending is offered.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    if not case.flag("lending_offered"):
        return case.not_applicable("no lending is offered")
    loans = case.number("loans_of_clients_not_professional")
    return case.holds(loans == 0, f"{loans} loans of clients who are not professional")
