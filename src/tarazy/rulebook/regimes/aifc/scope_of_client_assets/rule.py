"""Money and assets are held or controlled when held directly, in the firm's name, by one it controls, or in the
client's name under a mandate.
"""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="What the firm holds or controls",
    kind=RuleKind.definition,
    form=RuleForm.coded,
    subject="scope_of_client_assets",
    provisions=("R68",),
    why="Every wallet and account in the inventory names one of the four.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    return case.each("wallets", lambda row: row.text("limb") in case.value("limbs"), "it is of one of the four kinds")
