"""Single holders can be barred."""

from __future__ import annotations

from tarazy.screening.checks._settling import settled
from tarazy.screening.checks._switches import TradingSwitch, holders_of, trading_switches
from tarazy.screening.checks._transfers import readable
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Capability


class Blacklist(Check):
    """Find what is kept for each address and bars it from transfers."""

    name = "blacklist"
    title = "Single holders can be barred"
    sees = (
        "Conditions of a transfer on storage that is kept for one of its parties, passed while that is zero, and who "
        "can write it, for an address of his choice, so that the transfer fails: lists, marks, dates until which "
        "somebody's tokens are locked, amounts that are frozen."
    )
    cannot_see = (
        "Lists that another contract keeps (see external_call), and what transfers write by themselves. A list of "
        "those who alone may pass is a whitelist."
    )
    impact = "high"
    confidence = "high"
    goplus = ("is_blacklisted",)
    fires = "limit-blacklist/vulnerable"
    must_not_fire = "limit-blacklist/benign"

    @settled()
    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        facts = subject.facts
        found = [switch for switch in trading_switches(facts) if bars(switch)]
        if found:
            return self.yes(
                f"{found[0].closes[0].entry} can bar any one holder",
                *(switch.evidence(switch.closes[0], "marks addresses in") for switch in found[:6]),
                holders=holders_of(writer for switch in found for writer in switch.closes),
            )
        return readable(self, facts, "nothing that is kept for a party, and that others write, stops a transfer")


def bars(switch: TradingSwitch) -> bool:
    """Return whether a switch bars those for whom it is set."""
    return switch.of_party and bool(switch.closes) and not switch.zero_fails
