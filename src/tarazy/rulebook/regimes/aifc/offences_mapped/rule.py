"""Dealing on or passing inside information, false impressions, abnormal prices, deception and misleading
information are offences.
"""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Offences have detectors",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="offences_mapped",
    provisions=("R89",),
    why="Every limb names a detector; what an act is, a person judges. Drafted for investments.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.has_all("detectors", case.value("limbs"), field="limb")
