"""An issuer, a third party with the issuer's consent, a member or the operator itself may ask for an asset's
admission.
"""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Who may ask for admission",
    kind=RuleKind.eligibility,
    form=RuleForm.coded,
    subject="applicants",
    provisions=("R59",),
    why="The kind of applicant and the consent are decided.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each(
        "admissions",
        lambda row: (
            row.text("applicant") in case.value("applicants")
            and (row.text("applicant") != "third party" or row.has("consent_sha256"))
        ),
        "somebody asked who may",
    )
