"""Elsewhere a levy on the daily volume is paid; the centre has none that was seen."""

from __future__ import annotations

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.rule import Rule, RuleForm, RuleKind
from tarazy.rulebook.verdicts import RuleVerdict

RULE = Rule(
    title="Levy on volume",
    kind=RuleKind.obligation,
    form=RuleForm.coded,
    subject="trading_levy",
    provisions=("R123",),
    why=(
        "The calculator is there and off: steps of a neighbouring regulator, in parts of a million cents of a dollar."
    ),
)

# Millionths of a dollar that each dollar of a day's volume costs, up to a volume; 0.0015 % is 15 of a million.
STEPS = ((10_000_000, 15), (50_000_000, 12), (250_000_000, 9), (1 << 62, 6))


def levy_microusd(volume_usd: int) -> int:
    """Return the levy of a day, in millionths of a dollar."""
    levy, below = 0, 0
    for up_to, rate in STEPS:
        levy += max(min(volume_usd, up_to) - below, 0) * rate
        below = up_to
    return levy


def check(case: RuleCase) -> RuleVerdict:
    """Return the answer on the facts of a day."""
    if case.value("levy_on") == 0:
        return case.not_applicable("no levy of the centre was seen; the calculator is off")
    return case.each(
        "levy_days", lambda row: row.number("paid_microusd") >= levy_microusd(row.number("volume_usd")), "paid in full"
    )
