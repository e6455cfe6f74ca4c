"""Trading is not open yet, and somebody opens it."""

from __future__ import annotations

from tarazy.screening.bytecode.term import walk
from tarazy.screening.checks._gates import TradingSwitch, gates, holders_of
from tarazy.screening.checks._settling import settled
from tarazy.screening.checks._trading import opening
from tarazy.screening.checks._transfers import readable
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Answer, Capability


class LaunchGate(Check):
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
    fires = "limit-trading-switch/twin"
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
        found = [gate for gate in gates(facts) if starts(gate)]
        if not found:
            return readable(self, facts, "no condition of a transfer waits for somebody to open trading")
        if opened is Answer.UNKNOWN:
            return self.unknown(f"whether storage {found[0].field} is set, without which nobody trades, was not read")
        return self.yes(
            f"nobody trades before {found[0].opens[0].entry} is called",
            *(gate.evidence(gate.opens[0], "opens") for gate in found[:6]),
            holders=holders_of(writer for gate in found for writer in gate.opens),
            bound=None if any(gate.closes for gate in found) else "once; it cannot be closed again",
        )


def starts(gate: TradingSwitch) -> bool:
    """Return whether a gate is closed at first, for all, and can be opened."""
    opens = gate.zero_fails and bool(gate.opens) and not gate.field.depth
    return opens and not gate.about_amount and not any(inner.op == "gasprice" for inner in walk(gate.needed.term))
