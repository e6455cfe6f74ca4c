"""Terms and material risks are told before the first trade."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Risks are told before the first trade",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="risk_warning",
    provisions=("R102",),
    why="Accounts that traded without are counted. Titles, and an older text that is no longer in force.",
)


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    without = case.number("accounts_trading_without_risk_warning")
    return case.holds(without == 0, f"{without} accounts traded before they had the warning")
