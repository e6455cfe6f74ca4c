"""The trades of a scenario: buy, send on, sell; again, all at once, at several sizes, a day and a week later.

Trades are named by their first word: `buy`, `transfer`, `sell`. All begin from the state after the purchase, each on
its own, so that one does not spoil the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tarazy.screening.model import SimulatedTrade
from tarazy.screening.simulation.actors import FRESH, TRADER
from tarazy.screening.simulation.engine import BLOCK_TIME_S, EvmEngine, sandbox
from tarazy.screening.simulation.market import Deal, PoolMarket, balance_of, transfer

HOUR_S, DAY_S, WEEK_S = 3_600, 86_400, 604_800
BUY_PARTS = (100, 1_000, 10_000)  # a purchase is this part of the pool's ether; smaller where it reverts
LARGE_PART = 10
SMALLER = 1_000  # a tax is measured at two sizes so far apart: one that follows the amount is the same at both


@dataclass(slots=True)
class TokenPurchase:
    """The purchase from which the other trades begin."""

    deal: Deal
    wei: int


def trade_of(scenario: str, pool: str, deal: Deal) -> SimulatedTrade:
    """Return a deal as the report tells it."""
    out = deal.amount_out if deal.succeeded else None
    return SimulatedTrade(scenario, pool, deal.succeeded, deal.tax_ppm, deal.amount_in, out, deal.gas_used, deal.reason)


def buy(market: PoolMarket, trader: str = TRADER) -> TokenPurchase:
    """Buy the largest of the usual sizes that does not revert; the revert of the largest is kept where all are."""
    wei = market.depth()[1]
    reverted: Deal | None = None
    for part in BUY_PARTS:
        deal = market.buy(trader, wei // part)
        if deal.succeeded and deal.amount_out:
            if reverted is not None:
                note = f"a purchase {part // BUY_PARTS[0]} times as large reverted: {reverted.reason}"
                deal = Deal(True, deal.amount_in, deal.amount_out, deal.tax_ppm, deal.gas_used, note, deal.calldata)
            return TokenPurchase(deal, wei // part)
        reverted = reverted or (deal if not deal.succeeded else nothing(deal))
    assert reverted is not None  # noqa: S101 - the loop ran
    return TokenPurchase(reverted, wei // BUY_PARTS[0])


def nothing(deal: Deal) -> Deal:
    """Return a deal that went through and gave nothing as one that failed."""
    reason = deal.reason or "it went through and nothing arrived"
    return Deal(False, deal.amount_in, 0, deal.tax_ppm, deal.gas_used, reason, deal.calldata)


def after_purchase(engine: EvmEngine, token: str, market: PoolMarket, wei: int) -> list[SimulatedTrade]:
    """Play every trade that follows a purchase."""
    held = balance_of(engine, token, TRADER) or 0
    found: list[SimulatedTrade] = []

    def play(scenario: str, wait_s: int, act: Callable[[], Deal]) -> bool:
        with sandbox(engine):
            engine.set_block(engine.block.after(wait_s))
            deal = act()
        found.append(trade_of(scenario, market.kind, deal))
        return deal.succeeded

    def sell_twice(gap_s: int) -> Deal:
        first = market.sell(TRADER, held // 4)
        engine.set_block(engine.block.after(gap_s))
        return market.sell(TRADER, held // 4) if first.succeeded else first

    def sell_fresh() -> Deal:
        sent = transfer(engine, token, TRADER, FRESH, held // 2)
        if not sent.succeeded or not sent.amount_out:
            return Deal(False, sent.amount_in, reason=f"nothing to sell, the transfer to him failed: {sent.reason}")
        engine.set_block(engine.block.after(BLOCK_TIME_S))
        return market.sell(FRESH, sent.amount_out)

    def sell_large() -> Deal:
        bought = market.buy(TRADER, wei * LARGE_PART)
        if not bought.succeeded:
            return Deal(False, bought.amount_in, reason=f"nothing to sell, the large purchase failed: {bought.reason}")
        engine.set_block(engine.block.after(BLOCK_TIME_S))
        return market.sell(TRADER, bought.amount_out)

    sold = play("sell", BLOCK_TIME_S, lambda: market.sell(TRADER, held // 2))
    if not sold:
        play("sell_after_hour", HOUR_S, lambda: market.sell(TRADER, held // 2))
    if not play("sell_again", BLOCK_TIME_S, lambda: sell_twice(BLOCK_TIME_S)) and sold:
        play("sell_again_after_week", BLOCK_TIME_S, lambda: sell_twice(WEEK_S))
    play("sell_all", BLOCK_TIME_S, lambda: market.sell(TRADER, held))
    play("sell_small", BLOCK_TIME_S, lambda: market.sell(TRADER, max(held // 2 // SMALLER, 1)))
    play("sell_after_day", DAY_S, lambda: market.sell(TRADER, held // 2))
    play("sell_after_week", WEEK_S, lambda: market.sell(TRADER, held // 2))
    play("transfer", BLOCK_TIME_S, lambda: transfer(engine, token, TRADER, FRESH, held // 2))
    play("sell_fresh", BLOCK_TIME_S, sell_fresh)
    play("buy_again", BLOCK_TIME_S, lambda: market.buy(TRADER, wei))
    play("buy_large", BLOCK_TIME_S, lambda: market.buy(TRADER, wei * LARGE_PART))
    play("sell_large", BLOCK_TIME_S, sell_large)
    return found
