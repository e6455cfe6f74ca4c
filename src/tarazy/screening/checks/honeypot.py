"""Whoever buys now cannot sell."""

from __future__ import annotations

from tarazy.screening.checks._blocking_forms import forms_against
from tarazy.screening.checks._restricting import RestrictingPrivilege
from tarazy.screening.checks._switches import holders_of, trading_switches
from tarazy.screening.checks._trading import (
    REAL_STATES,
    format_trade,
    is_range,
    pays,
    played,
    refusing_pools,
    sales,
    story,
    why_not,
)
from tarazy.screening.checks.base import Check, Subject
from tarazy.screening.checks.whitelist import admits
from tarazy.screening.model import Capability, Holder, HolderKind


class Honeypot(Check):
    """Buy and sell in a simulated pool; read in the code what lets only somebody named sell."""

    name = "honeypot"
    title = "What was bought cannot be sold"
    sees = (
        "Simulated sales after a purchase, of several sizes, at once and up to a week later: all of them revert, or "
        "paid with less than half. And, where no such sale went through, conditions in the code that only somebody "
        "named meets when he sends, with no switch and no clock before them."
    )
    cannot_see = (
        "A refusal on made-up storage is unknown, and so is a token that nobody can buy, such as one whose trading is "
        "not open (see launch_gate). What an owner may do later is told by limit."
    )
    impact = "high"
    confidence = "high"
    goplus = ("is_honeypot",)
    fires = "limit-sell-owner-only/vulnerable"
    must_not_fire = "limit-sell-owner-only/benign"

    def run(self, subject: Subject) -> Capability:
        """Answer for one contract."""
        simulation = played(subject)
        tried = sales(simulation) if simulation is not None else []
        forms = forms_against(subject.facts, "sell")
        refusing = refusing_pools(simulation, tried) if simulation is not None else {}
        if simulation is not None and refusing and simulation.state in REAL_STATES:
            kind, refused_there = next(iter(refusing.items()))
            where = f"on {simulation.state} state every sale into a pool of the kind {kind} fails"
            if not is_range(kind):
                return self.yes(
                    f"{where}, whatever other pools take: {format_trade(refused_there[0])}",
                    *(privilege.evidence for privilege in forms[:3]),
                    story(simulation, refused_there),
                    holders=sellers(subject, forms),
                )
            if not any(trade.tax_ppm for trade in tried if pays(trade)):  # such pools take no token with a fee
                return self.unknown(f"{where}, other pools take it: {format_trade(refused_there[0])}")
        if simulation is not None and any(map(pays, tried)):
            sold = next(trade for trade in tried if pays(trade))
            return self.no(f"on {simulation.state} state a sale after a purchase went through: {format_trade(sold)}")
        if simulation is not None and tried and simulation.state in REAL_STATES:
            refused = tried[0]
            return self.yes(
                f"on {simulation.state} state every sale after a purchase fails: {format_trade(refused)}",
                *(privilege.evidence for privilege in forms[:3]),
                story(simulation, tried),
                holders=sellers(subject, forms),
            )
        if forms:
            return self.yes(
                f"in the code as it is, {forms[0].detail}",
                *(privilege.evidence for privilege in forms[:3]),
                *((story(simulation, tried),) if simulation is not None and tried else ()),
                holders=sellers(subject, forms),
            )
        if simulation is not None and tried:
            return self.unknown(f"sales reverted on made-up storage, which proves nothing: {format_trade(tried[0])}")
        return self.unknown(f"no sale was simulated: {why_not(subject)}")


def sellers(subject: Subject, forms: list[RestrictingPrivilege]) -> tuple[Holder, ...]:
    """Return who alone can sell, or can let others sell, as the code says it; nobody where it names none."""
    named = [holder for privilege in forms for holder in privilege.holders]
    listed = holders_of(
        writer for switch in trading_switches(subject.facts) if admits(switch) for writer in switch.opens
    )
    return tuple(dict.fromkeys((*named, *listed))) or (Holder(HolderKind.NOBODY, "the code names nobody"),)
