"""The same scenarios on both engines: what one says the other must say."""

from __future__ import annotations

import dataclasses

import pytest

from tarazy.screening.model import Simulation
from tarazy.screening.simulation.scenario import simulate
from tarazy.screening.simulation.target import Limits, Target

from . import tokens

FEW = Limits(calls_max=12, pairs_max=2, variants_max=2, seconds_max=300)


def told(seen: Simulation) -> dict[str, object]:
    """Return what a simulation says, without gas: revm counts what an earlier call has warmed as warm."""
    trades = tuple(dataclasses.replace(trade, gas_used=None) for trade in seen.trades)
    attacks = tuple(
        dataclasses.replace(attack, trace=tuple(dataclasses.replace(step, gas_used=None) for step in attack.trace))
        for attack in seen.attacks
    )
    return {
        "ran": (seen.ran, seen.reason, seen.state, seen.block_number, seen.time_s),
        "trades": trades,
        "attacks": attacks,
        "explored": seen.explored_calls,
    }


def both(target: Target, name: str, side: str, limits: Limits) -> list[dict[str, object]]:
    return [told(simulate(target, tokens.facts(name, side), limits, engine)) for engine in ("revm", "py-evm")]


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("plain-modern", "plain"),
        ("plain-old", "plain"),
        ("limit-rfi-fee", "vulnerable"),
        ("limit-sell-owner-only", "vulnerable"),
        ("limit-coinbase", "vulnerable"),
        ("limit-time-bomb", "vulnerable"),
    ],
)
def test_deployed_token_trades_alike(name: str, side: str) -> None:
    first, second = both(tokens.deployed(name, side), name, side, Limits(hostile=False, seconds_max=300))
    assert first == second


def test_launch_gate_opens_alike() -> None:
    limits = Limits(hostile=False, seconds_max=300)
    first, second = both(tokens.deployed("limit-trading-switch", "benign"), "limit-trading-switch", "benign", limits)
    assert first == second


@pytest.mark.parametrize("name", ["plain-packed", "plain-lean"])
def test_made_up_storage_trades_alike(name: str) -> None:
    first, second = both(tokens.placed(name, "plain"), name, "plain", Limits(hostile=False, seconds_max=300))
    assert first == second


@pytest.mark.parametrize("name", ["limit-pause", "limit-blacklist"])
def test_hostile_owner_does_the_same_harm(name: str) -> None:
    first, second = both(tokens.deployed(name, "vulnerable"), name, "vulnerable", FEW)
    assert first == second
    assert first["attacks"]
