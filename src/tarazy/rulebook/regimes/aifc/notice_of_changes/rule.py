"""Members and clients have at least ten days' notice before an approved change of the rules takes effect."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Ten days' notice of a change",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="notice_of_changes",
    provisions=("R25",),
    why=(
        "The last notice that went out is counted, because everybody must have it. The first version of a rulebook "
        "changes nothing."
    ),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    least = case.value("notice_days")
    return case.each(
        "rule_changes",
        lambda row: row.days_between("last_notice", "effective") >= least,
        f"the last notice went out {least} days before",
        only=lambda row: not (row.has("first") and row.flag("first")),
    )
