"""Rules and every change of them are approved by the regulator before they take effect."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict, combined

RULE = Rule(
    title="The regulator approves rules beforehand",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="approval_of_rules",
    provisions=("R24",),
    why=("Every release that the record names is an approved change, and the approval is not younger than the effect."),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    approved = {row.text("release_sha256") for row in case.rows("rule_changes")}
    return combined(
        [
            case.each(
                "releases_in_record", lambda row: row.text("id") in approved, "a change of the rules stands behind it"
            ),
            case.each(
                "rule_changes",
                lambda row: row.has("approval_id") and row.day("approved") <= row.day("effective"),
                "approval came before effect",
            ),
        ]
    )
