"""Client money is kept apart and is there in full."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Client money is covered",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="client_money",
    provisions=("R70",),
    why=(
        "The ledger of each currency is compared with its client accounts at the bank. Deadlines inside the "
        "chapter were not seen."
    ),
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each(
        "client_money",
        lambda row: row.number("ledger_minor") <= row.number("bank_minor"),
        "the bank holds what is owed",
    )
