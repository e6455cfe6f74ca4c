"""One token through all that a simulation does: listing, trades in both kinds of pools, a hostile owner.

`simulate` never raises for what a contract does: what could not be done is said in the result. A refusal where the
storage was made up is an unknown to those who read the result, never a trap.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tarazy.chains.errors import NodeError
from tarazy.chains.evm.node import Node
from tarazy.chains.evm.state import ChainState
from tarazy.screening.model import Attack, SimulatedTrade, Simulation
from tarazy.screening.simulation import launch, trades
from tarazy.screening.simulation.actors import FUNDED, TRADER
from tarazy.screening.simulation.engine import BLOCK_TIME_S, BlockContext, EvmEngine, sandbox
from tarazy.screening.simulation.engines import load_engine
from tarazy.screening.simulation.fork import ForkedEngine, StateUnavailableError
from tarazy.screening.simulation.harness import AdversaryHarness
from tarazy.screening.simulation.hostile import explore
from tarazy.screening.simulation.listing import Listed, NotTradable, list_token, open_pool, range_pool
from tarazy.screening.simulation.market import PoolMarket, balance_of
from tarazy.screening.simulation.sources import NodeState
from tarazy.screening.simulation.target import CallBudget, Facts, Limits, Target
from tarazy.screening.simulation.venues import VENUES

SETTLE_S = (BLOCK_TIME_S, trades.HOUR_S, trades.DAY_S, trades.WEEK_S)  # after one of these a sale may work
NODE_TIMEOUT_S = 5.0
Progress = Callable[[str], None]


@dataclass(slots=True)
class Run:
    """What a simulation found so far."""

    engine: EvmEngine
    budget: CallBudget
    trades: list[SimulatedTrade] = field(default_factory=list)
    attacks: tuple[Attack, ...] = ()
    notes: list[str] = field(default_factory=list)


def simulate(
    target: Target,
    facts: Facts,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    engine: str = "revm",
    progress: Progress | None = None,
) -> Simulation:
    """Simulate trading of one token and return what happened.

    Cost: bounded by the limits, and on a node's state by its time limits. Raises: EngineError where the engine is not
    installed.
    """
    started = time.perf_counter()
    notify = progress or (lambda stage: None)
    pinned: ChainState | None = None
    run = Run(
        load_engine(engine, BlockContext(chain_id=target.chain_id)), CallBudget(limits, started + limits.seconds_max)
    )
    reason = ""
    try:
        notify("simulation")
        if target.rpc_url is not None:
            pinned = pin(run, target, engine)
        listed = prepare(run, target, facts)
        reason = trade(run, listed, target, notify)
        if pinned is not None:
            pinned.confirm()
    except NotTradable as reverted:
        reason = str(reverted)
    except (NodeError, StateUnavailableError) as failure:
        run.trades.clear()
        run.attacks = ()
        reason = f"the state could not be read, so nothing is known: {failure}"
    return Simulation(
        engine=run.engine.name,
        state=state_of(target),
        block_number=pinned.block.number if pinned is not None else run.engine.block.number,
        block_hash=pinned.block.hash if pinned is not None else None,
        time_s=run.engine.block.time_s,
        ran=bool(run.trades),
        reason="; ".join(dict.fromkeys([*filter(None, [reason]), *run.notes, *ended(run)])),
        trades=tuple(run.trades),
        attacks=run.attacks,
        explored_calls=run.budget.calls,
        complete=not run.budget.ended,
        seconds=time.perf_counter() - started,
    )


def state_of(target: Target) -> str:
    """Return what kind of state a target is simulated on."""
    if target.runtime is not None:
        return "synthetic"
    return "deployed" if target.creation is not None else "forked"


def pin(run: Run, target: Target, engine: str) -> ChainState:
    """Put the run on the state of a node at one block.

    Raises: NodeError.
    """
    node = Node(target.rpc_url or "", timeout_s=NODE_TIMEOUT_S)
    pinned = ChainState(node, target.address or "", "latest" if target.block is None else target.block)
    source = NodeState(pinned)
    exchanges = (address for venue in VENUES for address in (venue.router, venue.factory, venue.weth))
    run.engine = ForkedEngine(load_engine(engine, source.block()), source, (*FUNDED, *exchanges))
    return pinned


def ended(run: Run) -> list[str]:
    """Say which limits ended something."""
    return [f"the search ended at {limit}" for limit in run.budget.ended]


def prepare(run: Run, target: Target, facts: Facts) -> Listed:
    """Bring the token into a filled pool, with the owner's help where it needs that.

    Raises: NotTradable.
    """
    listed = list_token(run.engine, target, facts)
    listed.deadline = run.budget.deadline
    try:
        open_pool(listed)
    except NotTradable as reverted:
        if listed.synthetic:
            raise
        opening = launch.open_pool_by_owner(listed, reverted)
        run.trades.append(SimulatedTrade("launch_gate", "v2", True, reason=opening.text))
    run.notes += listed.notes
    return listed


def trade(run: Run, listed: Listed, target: Target, notify: Progress) -> str:
    """Play the trades, then let the owner be hostile; return why it went no further, nothing where it did."""
    market = listed.market
    if market is None:
        return "there is no pool"
    with sandbox(run.engine):
        run.trades += range_trades(listed)
    purchase = trades.buy(market)
    run.trades.append(trades.trade_of("buy", market.kind, purchase.deal))
    if not purchase.deal.succeeded:
        reached = reach_purchase(run, listed, market)
        if reached is None:
            return f"the purchase reverts: {purchase.deal.reason}"
        purchase = reached
        run.trades.append(trades.trade_of("buy_opened", market.kind, purchase.deal))
    followed = trades.after_purchase(run.engine, listed.token, market, purchase.wei)
    run.trades += followed
    settle_s = reach_sale(run, listed, market)
    if run.budget.limits.hostile:
        notify("hostile_owner")
        harness = AdversaryHarness(listed, market, purchase.deal, settle_s, run.budget)
        run.attacks = explore(harness, listed, target.implementation is not None)
    return ""


def range_trades(listed: Listed) -> list[SimulatedTrade]:
    """Buy and sell in a pool of the range kind."""
    try:
        market = range_pool(listed)
    except NotTradable as reverted:
        return [SimulatedTrade("buy", "v3", False, reason=str(reverted))]
    purchase = trades.buy(market)
    found = [trades.trade_of("buy", "v3", purchase.deal)]
    if purchase.deal.succeeded:
        listed.engine.set_block(listed.engine.block.after(BLOCK_TIME_S))
        held = balance_of(listed.engine, listed.token, TRADER) or 0
        found.append(trades.trade_of("sell", "v3", market.sell(TRADER, held // 2)))
    return found


def reach_purchase(run: Run, listed: Listed, market: PoolMarket) -> trades.TokenPurchase | None:
    """Open trading and buy; None where nothing opened it."""

    def attempt() -> tuple[bool, int]:
        deal = trades.buy(market).deal
        return deal.succeeded, deal.gas_used

    opening = launch.open_trading(listed, attempt)
    if opening is None:
        run.trades.append(SimulatedTrade("launch_gate", market.kind, False, reason="no way was found to open trading"))
        if listed.late:
            run.budget.ended.append(f"the limit of {run.budget.limits.seconds_max:g} s")
        return None
    run.trades.append(SimulatedTrade("launch_gate", market.kind, True, reason=opening.text))
    return trades.buy(market)


def reach_sale(run: Run, listed: Listed, market: PoolMarket) -> int:
    """Return after how many seconds a sale works; on made-up state look for one in which it works at all."""
    held = balance_of(run.engine, listed.token, TRADER) or 0

    def attempt_after(seconds: int) -> tuple[bool, int]:
        run.engine.set_block(run.engine.block.after(seconds))
        deal = market.sell(TRADER, held // 2)
        return deal.succeeded, deal.gas_used

    for seconds in SETTLE_S:
        with sandbox(run.engine):
            if attempt_after(seconds)[0]:
                return seconds
    if listed.synthetic:
        opening = launch.by_state(listed, lambda: attempt_after(BLOCK_TIME_S))
        if opening is not None:
            run.trades.append(SimulatedTrade("launch_gate", market.kind, True, reason=f"for sales: {opening.text}"))
            with sandbox(run.engine):
                run.engine.set_block(run.engine.block.after(BLOCK_TIME_S))
                run.trades.append(trades.trade_of("sell_opened", market.kind, market.sell(TRADER, held // 2)))
    return BLOCK_TIME_S
