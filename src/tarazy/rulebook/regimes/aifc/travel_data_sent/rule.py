"""The sender's provider sends the data of sender and recipient immediately and securely to the recipient's
provider.
"""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Travel data go with the transfer",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="travel_data_sent",
    provisions=("R105",),
    why="Transfers released before the message was accepted are counted.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    early = case.number("transfers_before_message")
    return case.holds(early == 0, f"{early} transfers were released before their message")
