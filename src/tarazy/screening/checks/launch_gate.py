"""Trading is not open yet, and somebody opens it."""

from __future__ import annotations

from tarazy.screening.bytecode.term import walk
from tarazy.screening.checks._settling import settled
from tarazy.screening.checks._switches import TradingSwitch, holders_of, trading_switches
from tarazy.screening.checks._trading import opening
from tarazy.screening.checks._transfers import readable
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Answer, Capability


class TradingNotOpen(Check):
    """Find the switch that opens trading, and whether it is still closed."""

    name = "launch_gate"
    title = "Trading has yet to be opened"
    sees = (
        "Conditions of a transfer that fail while their storage is zero, the same for all holders, and that somebody "
        "can write so that they pass. Whether that was done already is told by a purchase on deployed or forked state."
    )
    cannot_see = (
        "Without such a state, whether the switch was turned already: unknown. Trading that waits for a time alone, or "
        "for somebody to make the pool."
    )
    impact = "medium"
    confidence = "medium"
    goplus = ()
    fires = "limit-trading-switch/benign"
    must_not_fire = "plain-modern/plain"

    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        opened = opening(subject)
        if opened is Answer.YES:
            return self.no("trading is open: a purchase went through on the state that was looked at")
        return self.read(subject, opened)

    @settled()
    def read(self, subject: Subject, opened: Answer) -> Capability:
        """Answer from the code."""
        facts = subject.facts
        found = [switch for switch in trading_switches(facts) if starts(switch)]
        if not found:
            return readable(self, facts, "no condition of a transfer waits for somebody to open trading")
        if opened is Answer.UNKNOWN:
            return self.unknown(f"whether storage {found[0].field} is set, without which nobody trades, was not read")
        return self.yes(
            f"nobody trades before {found[0].opens[0].entry} is called",
            *(switch.evidence(switch.opens[0], "opens") for switch in found[:6]),
            holders=holders_of(writer for switch in found for writer in switch.opens),
            bound=None if any(switch.closes for switch in found) else "once; it cannot be closed again",
        )


def starts(switch: TradingSwitch) -> bool:
    """Return whether a switch is closed at first, for all, and can be opened."""
    opens = switch.zero_fails and bool(switch.opens) and not switch.field.depth
    return opens and not switch.about_amount and not any(inner.op == "gasprice" for inner in walk(switch.needed.term))
