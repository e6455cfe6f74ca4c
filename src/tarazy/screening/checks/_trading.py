"""What simulated trades say of the state that was looked at; made-up storage says nothing."""

from __future__ import annotations

from tarazy.screening.checks.base import Subject
from tarazy.screening.model import Answer, Simulation, Trade

REAL_STATES = ("deployed", "forked")


def real(subject: Subject) -> Simulation | None:
    """Return the simulation where it ran on what a constructor or a chain left, else None."""
    simulation = subject.simulation
    return simulation if simulation is not None and simulation.ran and simulation.state in REAL_STATES else None


def trades_of(simulation: Simulation, scenario: str) -> list[Trade]:
    """Return the trades of one scenario in every pool."""
    return [trade for trade in simulation.trades if trade.scenario == scenario]


def opening(subject: Subject) -> Answer:
    """Return whether trading is open: whether a stranger's purchase went through."""
    simulation = real(subject)
    bought = trades_of(simulation, "buy") if simulation is not None else []
    if not bought:
        return Answer.UNKNOWN
    return Answer.YES if any(trade.succeeded for trade in bought) else Answer.NO
