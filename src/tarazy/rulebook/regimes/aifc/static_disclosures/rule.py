"""Ways to communicate, languages, the licence, rights to cancel or end early with their costs, and technical
requirements are published.
"""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="What is published beside prices",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="static_disclosures",
    provisions=("R47",),
    why="Presence of an entry for each head; its words a person judges.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.has_all("disclosures", case.value("heads"))
