"""The rules are objective, clear and fair, state the duties of those who take part, and can be read by anybody for
nothing.
"""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict, combined

RULE = Rule(
    title="What the rules contain",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="content_of_rules",
    provisions=("R26",),
    why="Sections and free access are decided; clearness and fairness a person judges.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return combined(
        [
            case.has_all("rulebook_sections", case.value("sections")),
            case.holds(
                case.flag("rulebooks_open_without_login"), "anybody can read the rules without login or payment"
            ),
        ]
    )
