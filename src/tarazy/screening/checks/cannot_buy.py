"""A purchase fails now."""

from __future__ import annotations

from tarazy.screening.checks._blocking_forms import forms_against
from tarazy.screening.checks._trading import REAL_STATES, format_trade, played, story, trades_of, why_not
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Capability, Holder, HolderKind


class CannotBuy(Check):
    """Buy in a simulated pool; read in the code what lets only somebody named receive."""

    name = "cannot_buy"
    title = "It cannot be bought"
    sees = (
        "Simulated purchases by a stranger, of several sizes and in both kinds of pools: all of them revert. Where "
        "nothing was simulated, conditions in the code that only somebody named meets when he receives."
    )
    cannot_see = "A refusal on made-up storage is unknown. Trading that somebody opens later is told by launch_gate."
    impact = "medium"
    confidence = "high"
    goplus = ("cannot_buy",)
    fires = "cannot-buy/vulnerable"
    must_not_fire = "cannot-buy/benign"

    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        simulation = played(subject)
        tried = trades_of(simulation, "buy") if simulation is not None else []
        if simulation is not None and any(trade.succeeded for trade in tried):
            return self.no(f"on {simulation.state} state a purchase by a stranger went through")
        forms = forms_against(subject.facts, "buy")
        named = tuple(dict.fromkeys(holder for privilege in forms for holder in privilege.holders))
        holders = named or (Holder(HolderKind.NOBODY, "the code names nobody"),)
        if simulation is not None and tried and simulation.state in REAL_STATES:
            opened = [trade for trade in trades_of(simulation, "launch_gate") if trade.succeeded]
            return self.yes(
                f"on {simulation.state} state every purchase reverts: {format_trade(tried[0])}",
                *(privilege.evidence for privilege in forms[:3]),
                story(simulation, tried),
                holders=holders,
                bound=opened[0].reason if opened else None,
            )
        if forms:
            return self.yes(
                f"in the code as it is, {forms[0].detail}",
                *(privilege.evidence for privilege in forms[:3]),
                holders=holders,
            )
        if simulation is not None and tried:
            return self.unknown(
                f"purchases reverted on made-up storage, which proves nothing: {format_trade(tried[0])}"
            )
        return self.unknown(f"no purchase was simulated: {why_not(subject)}")
