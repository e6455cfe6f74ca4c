"""The operator meets the tests that every authorised firm meets."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="General tests of authorisation",
    kind=RuleKind.obligation,
    form=RuleForm.attested,
    subject="general_tests",
    provisions=("R03",),
    why=("The tests are of judgement: fit and proper, resources, group. A person answers for them with a document."),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.attested()
