"""The regulator has the policies and controls of the facility, in the version that is in use."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Policies handed in",
    kind=RuleKind.obligation,
    form=RuleForm.partly,
    subject="policies_filed",
    provisions=("R02",),
    why=(
        "Presence of the receipt and equality of the two hashes are decided; whether a policy is good, a person judges."
    ),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each(
        "policies",
        lambda row: row.text("filed_sha256") == row.text("running_sha256") and row.has("receipt"),
        "the version in use is the one that was handed in",
    )
