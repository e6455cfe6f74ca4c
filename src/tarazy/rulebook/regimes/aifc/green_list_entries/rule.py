"""A list of approved assets names for each entry its source and date."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Entries of the green list have a source",
    kind=RuleKind.definition,
    form=RuleForm.coded,
    subject="green_list_entries",
    provisions=("R66",),
    why=("Proposed in January 2023; no list and no mechanism were found in the text read. Presence alone is decided."),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each("green_list", lambda row: row.has("source") and row.has("sha256"), "source and hash are there")
