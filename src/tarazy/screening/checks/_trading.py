"""What simulated trades say of the state that was looked at, and what they cannot say.

On state that somebody made (deployed or forked) a refusal is a fact. On made-up storage it is none: a variable that a
constructor would have set may be what is missing.
"""

from __future__ import annotations

from tarazy.screening.checks.base import Subject
from tarazy.screening.model import Answer, Evidence, SimulatedTrade, Simulation, TraceStep

REAL_STATES = ("deployed", "forked")
HALF_PPM = 500_000


def played(subject: Subject) -> Simulation | None:
    """Return the simulation where some trade was tried, else None."""
    simulation = subject.simulation
    return simulation if simulation is not None and simulation.ran else None


def real(subject: Subject) -> Simulation | None:
    """Return the simulation where it ran on what a constructor or a chain left, else None."""
    simulation = played(subject)
    return simulation if simulation is not None and simulation.state in REAL_STATES else None


def trades_of(simulation: Simulation, *scenarios: str) -> list[SimulatedTrade]:
    """Return the trades of some scenarios in every pool."""
    return [trade for trade in simulation.trades if trade.scenario in scenarios]


def opening(subject: Subject) -> Answer:
    """Return whether trading is open: whether a stranger's purchase went through."""
    simulation = real(subject)
    bought = trades_of(simulation, "buy") if simulation is not None else []
    if not bought:
        return Answer.UNKNOWN
    return Answer.YES if any(trade.succeeded for trade in bought) else Answer.NO


def sales(simulation: Simulation) -> list[SimulatedTrade]:
    """Return every sale that was tried by a holder who had bought, at any time and of any size.

    A sale for which made-up storage was changed until it worked says nothing and is left out.
    """
    tried = (trade for trade in simulation.trades if trade.scenario.startswith("sell") and trade.amount_in != 0)
    return [trade for trade in tried if trade.scenario != "sell_opened"]


def pays(trade: SimulatedTrade) -> bool:
    """Return whether a trade went through and cost less than half."""
    return trade.succeeded and (trade.tax_ppm or 0) < HALF_PPM


def refused_sales(subject: Subject) -> list[SimulatedTrade]:
    """Return the sales on real state into one kind of pool that took a purchase and then refused every sale there."""
    simulation = real(subject)
    tried = sales(simulation) if simulation is not None else []
    if simulation is None or not tried:
        return []
    if not any(map(pays, tried)):
        return tried
    return next((sold for kind, sold in refusing_pools(simulation, tried).items() if not is_range(kind)), [])


def refusing_pools(simulation: Simulation, tried: list[SimulatedTrade]) -> dict[str, list[SimulatedTrade]]:
    """Return the sales by kind of pool where each that followed a purchase there fails, but where all kinds do."""
    by_kind: dict[str, list[SimulatedTrade]] = {}
    for trade in tried:
        by_kind.setdefault(trade.pool or "any", []).append(trade)
    bought = {trade.pool or "any" for trade in simulation.trades if trade.scenario == "buy" and trade.succeeded}
    found = {kind: sold for kind, sold in by_kind.items() if kind in bought and not any(map(pays, sold))}
    return found if len(found) < len(by_kind) else {}


def is_range(kind: str) -> bool:
    """Return whether a kind of pool takes exactly what it asks for, and so no token with a fee."""
    return kind == "v3"


def why_not(subject: Subject) -> str:
    """Return why nothing is known of trading."""
    simulation = subject.simulation
    if simulation is None:
        return "trading was not simulated"
    if not simulation.ran:
        return f"trading could not be simulated: {simulation.reason or 'no reason was given'}"
    return simulation.reason or "the trade was not reached"


def story(simulation: Simulation, trades: list[SimulatedTrade]) -> Evidence:
    """Return simulated trades as evidence."""
    steps = tuple(
        TraceStep(
            "trader",
            f"{trade.scenario.replace('_', ' ')} in a pool of the kind {trade.pool or 'any'}",
            trade.succeeded,
            format_trade(trade),
            gas_used=trade.gas_used,
        )
        for trade in trades
    )
    where = f"{simulation.state} state" + (f" at block {simulation.block_number}" if simulation.block_number else "")
    return Evidence("trace", f"simulated on {where} by {simulation.engine}", trace=steps)


def format_trade(trade: SimulatedTrade) -> str:
    """Return how a trade ended."""
    if not trade.succeeded:
        return trade.reason or "reverted without a reason"
    return f"cost {(trade.tax_ppm or 0) / 10_000:g} %"
