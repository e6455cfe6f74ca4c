"""The whole balance cannot be sold at once."""

from __future__ import annotations

from tarazy.screening.checks._trading import REAL_STATES, format_trade, pays, played, sales, story, trades_of, why_not
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.model import Capability, Holder, HolderKind


class CannotSellAll(Check):
    """Sell half of what was bought, and all of it."""

    name = "cannot_sell_all"
    title = "Not all that was bought can be sold at once"
    sees = "Simulated sales after a purchase: a part goes through and the whole balance reverts."
    cannot_see = "A refusal on made-up storage is unknown. Where no part can be sold either, see honeypot."
    impact = "medium"
    confidence = "high"
    goplus = ("cannot_sell_all",)
    fires = "cannot-sell-all/vulnerable"
    must_not_fire = "cannot-sell-all/benign"

    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        simulation = played(subject)
        whole = trades_of(simulation, "sell_all") if simulation is not None else []
        if simulation is None or not whole:
            return self.unknown(f"no sale of the whole balance was simulated: {why_not(subject)}")
        if any(map(pays, whole)):
            return self.no(f"on {simulation.state} state the whole balance was sold at once")
        parts = [trade for trade in sales(simulation) if trade.scenario != "sell_all" and pays(trade)]
        if simulation.state not in REAL_STATES:
            return self.unknown(f"the sale reverted on made-up storage, which proves nothing: {format_trade(whole[0])}")
        if not parts:
            return self.no("a part of the balance cannot be sold either: see honeypot")
        return self.yes(
            f"a part is sold, the whole balance reverts: {format_trade(whole[0])}",
            story(simulation, [parts[0], *whole]),
            holders=(Holder(HolderKind.NOBODY, "the code does it by itself"),),
        )
