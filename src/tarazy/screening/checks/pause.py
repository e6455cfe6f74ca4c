"""Somebody can suspend transfers."""

from __future__ import annotations

from tarazy.screening.checks._parties import is_caller_or_party
from tarazy.screening.checks._settling import settled
from tarazy.screening.checks._switches import TradingSwitch, holders_of, trading_switches
from tarazy.screening.checks._transfers import readable
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Capability


class Pause(Check):
    """Find the switches that stop the transfers of all ordinary holders."""

    name = "pause"
    title = "Transfers can be suspended"
    sees = (
        "Conditions of transfer and transferFrom on storage that is the same for all holders: a flag, an address, a "
        "time, a number of blocks. Whoever can write it so that a baseline transfer fails, after it passed, can "
        "suspend trading; values that the setter allows are tried."
    )
    cannot_see = (
        "Suspension through another contract's answer (see external_call), a fee of everything or a cap of nothing "
        "(see limit). A switch that can only be turned towards trading is a trading switch (launch_gate) and no pause."
    )
    impact = "high"
    confidence = "high"
    goplus = ("transfer_pausable",)
    fires = "limit-pause/vulnerable"
    must_not_fire = "limit-pause/benign"

    @settled()
    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        facts = subject.facts
        found = [switch for switch in trading_switches(facts) if suspends(switch)]
        if found:
            return self.yes(
                f"{found[0].closes[0].entry} can stop every ordinary transfer",
                *(switch.evidence(switch.closes[0], "writes") for switch in found[:6]),
                holders=holders_of(writer for switch in found for writer in switch.closes),
            )
        return readable(self, facts, "no switch that is the same for all can stop transfers once they go through")


def suspends(switch: TradingSwitch) -> bool:
    """Return whether a switch is the same for all and can be closed."""
    names_one = switch.needed.term.op == "eq" and any(map(is_caller_or_party, switch.needed.term.args))
    of_all = switch.of_all and not switch.about_amount and not switch.is_wait and not names_one
    return of_all and bool(switch.closes)
