"""Speed of the screening: static part a core, one purchase and sale, the hostile owner's exploration."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import common
from screening_run import Outcome

from tarazy.screening.bytecode.facts import analyse
from tarazy.screening.request import ScreenRequest
from tarazy.screening.screen import screen
from tarazy.screening.simulation.actors import TRADER
from tarazy.screening.simulation.engine import EvmEngine, sandbox
from tarazy.screening.simulation.engines import load_engine
from tarazy.screening.simulation.listing import NotTradable, list_token, open_pool
from tarazy.screening.simulation.market import PairMarket, balance_of
from tarazy.screening.simulation.target import Target

TRADES_MAX = 40  # tokens of which trades are timed


def measure(codes: Sequence[bytes], outcomes: Mapping[str, Outcome], runs: int) -> dict[str, Any]:
    """Return the figures; in this one process, so that a core is a core."""
    rates = []
    for run in range(runs if codes else 0):
        rates.append(static_rate(codes))
        common.say(f"static part, run {run + 1} of {runs}: {rates[-1]:.1f} contracts/s on one core")
    return {
        "static_per_second_per_core": round(common.median(rates), 1) if rates else 0.0,
        "static_runs": [round(rate, 1) for rate in rates],
        "buy_and_sell_ms": buy_and_sell(codes, runs),
        "exploration": exploration(outcomes),
    }


def static_rate(codes: Sequence[bytes]) -> float:
    """Return how many different contracts a second the static part reads, over all codes: the large ones count.

    The time is the processor's, so that what else the machine does has less say.
    """
    analyse.cache_clear()
    start = time.process_time()
    for code in codes:
        screen(ScreenRequest(id="speed", runtime=code, simulate=False))
    return len(codes) / (time.process_time() - start)


def buy_and_sell(codes: Sequence[bytes], runs: int) -> dict[str, float]:
    """Return milliseconds of one purchase and one sale in a pool that is there, over tokens that can be bought."""
    taken: list[float] = []
    for code in codes:
        market, engine, token = listed(code)
        if market is None:
            continue
        for _ in range(runs):
            with sandbox(engine):
                start = time.perf_counter()
                bought = market.buy(TRADER, market.depth()[1] // 1_000)
                held = balance_of(engine, token, TRADER) or 0
                sold = market.sell(TRADER, held // 2)
                spent = (time.perf_counter() - start) * 1_000
            if bought.succeeded and sold.succeeded:
                taken.append(spent)
        if len(taken) >= TRADES_MAX * runs:
            break
    taken.sort()
    if not taken:
        return {}
    return {"median": round(common.median(taken), 3), "p99": round(common.percentile(taken, 0.99), 3)}


def listed(code: bytes) -> tuple[PairMarket | None, EvmEngine, str]:
    """Return the filled pool of a token, None where none can be made."""
    engine = load_engine()
    try:
        found = list_token(engine, Target(runtime=code), analyse(code))
        open_pool(found)
    except NotTradable:
        return None, engine, ""
    return found.market, engine, found.token


def exploration(outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
    """Return what the simulations of this run took, with as many processes as there were."""
    taken = sorted(found.simulation_seconds for found in outcomes.values() if found.simulated)
    if not taken:
        return {"simulated": 0}
    return {
        "simulated": len(taken),
        "median_ms": round(common.median(taken) * 1_000, 1),
        "p95_ms": round(common.percentile(taken, 0.95) * 1_000, 1),
        "max_ms": round(taken[-1] * 1_000, 1),
        "incomplete": sum(found.simulated and not found.complete for found in outcomes.values()),
    }
