"""Subjects for the checks: tokens of the corpus as runtime code, with simulations that a test makes up."""

from __future__ import annotations

from functools import cache

from tarazy.screening.bytecode.facts import ContractFacts, analyse
from tarazy.screening.checks import run_check
from tarazy.screening.checks.base import Subject
from tarazy.screening.model import Attack, Capability, HolderKind, SimulatedTrade, Simulation, TraceStep

from ....corpus.loader import load
from .examples import check_of


@cache
def runtime_of(name: str) -> bytes:
    """Return the runtime code of a token of the corpus."""
    return next(token.runtime for token in load() if token.name == name)


@cache
def facts_of(code: bytes) -> ContractFacts:
    """Return the facts of runtime code."""
    return analyse(code)


def answer(check: str, token: str | bytes, simulation: Simulation | None = None) -> Capability:
    """Return the answer of one check for a token of the corpus, or for code, with a simulation."""
    code = runtime_of(token) if isinstance(token, str) else token
    return run_check(check_of(check), Subject(code, facts_of(code), simulation))


def simulation(state: str, *trades: SimulatedTrade, attacks: tuple[Attack, ...] = (), ran: bool = True) -> Simulation:
    """Return a simulation with some trades."""
    return Simulation("test engine", state, ran=ran, reason="" if ran else "no pool", trades=trades, attacks=attacks)


def trade(scenario: str, succeeded: bool = True, tax_ppm: int = 0, gas_used: int = 90_000) -> SimulatedTrade:
    """Return one trade."""
    amount_out, reason = (1000, "") if succeeded else (None, "no")
    return SimulatedTrade(scenario, "v2", succeeded, tax_ppm, 1000, amount_out, gas_used, reason)


def attack(effect: str, *calls: str, actor: HolderKind = HolderKind.OWNER) -> Attack:
    """Return one attack."""
    step = TraceStep("owner", "the owner calls something", True, f"what came of it: {effect}")
    return Attack(effect, actor, calls or ("0x11111111",), (step,))
