"""Call auctions: one price for all that was gathered.

The price is the one with the most volume, then the least imbalance, then the nearest to the reference price, then the
lowest. Candidates are the prices of the crossed orders and the reference price. Orders then trade in price-time
priority; self-trade prevention applies with the later order's mode, and what it leaves crossed is auctioned again.
"""

from __future__ import annotations

from typing import NamedTuple

from tarazy.domain.arithmetic import saturate_u64
from tarazy.domain.records import AuctionUncrossed, CancelReason, SelfTradePrevention
from tarazy.spec.book import BUY, SELL, Order
from tarazy.spec.market_states import CONTINUOUS, change_state
from tarazy.spec.matching import Replenishment, emit_replenishment
from tarazy.spec.settlement import AUCTION, hold_minor, settle_cancel, settle_fill, settle_reduction
from tarazy.spec.state import Market, State
from tarazy.spec.triggers import run_triggers


class Clearing(NamedTuple):
    """The outcome of the search for the price."""

    price_ticks: int
    volume_lots: int
    imbalance_lots: int
    heavier_side: int


def crossed_levels(market: Market, side: int) -> list[tuple[int, int]]:
    """Return (price, lots) of the levels that cross the other side, best first; hidden lots count."""
    book = market.book
    worst = book.best_price(SELL if side == BUY else BUY)
    levels = []
    for key in reversed(book.keys[side]):
        price = abs(key)
        if price < worst if side == BUY else price > worst:
            break
        levels.append((price, sum(order.remaining_lots for order in book.levels[side][key].values())))
    return levels


def find_clearing(market: Market) -> Clearing:
    """Return the price at which a crossed book clears."""
    bids, asks = crossed_levels(market, BUY), crossed_levels(market, SELL)
    reference = market.reference_price_ticks
    candidates = {price for price, _ in bids + asks}
    if asks[0][0] <= reference <= bids[0][0]:
        candidates.add(reference)
    best: tuple[int, int, int, int] | None = None
    clearing = Clearing(0, 0, 0, 0)
    for price in sorted(candidates):
        demand = sum(lots for level, lots in bids if level >= price)
        supply = sum(lots for level, lots in asks if level <= price)
        distance = abs(price - reference) if reference else 0
        rank = (-min(demand, supply), abs(demand - supply), distance, price)
        if best is None or rank < best:
            best = rank
            heavier = BUY if demand > supply else SELL if supply > demand else 0
            clearing = Clearing(price, min(demand, supply), abs(demand - supply), heavier)
    return clearing


def uncross(state: State, market: Market) -> None:
    """Trade all that crosses at the auction's price, which becomes the reference."""
    trade_index = 0
    while market.book.is_crossed():
        clearing = find_clearing(market)
        state.out.append(
            AuctionUncrossed(
                side=clearing.heavier_side,
                seq=state.seq,
                market_id=market.market_id,
                price_ticks=clearing.price_ticks,
                volume_lots=saturate_u64(clearing.volume_lots),
                imbalance_lots=saturate_u64(clearing.imbalance_lots),
                reference_price_ticks=market.reference_price_ticks,
            ).pack()
        )
        trade_index = trade_at(state, market, clearing.price_ticks, trade_index)
        market.reference_price_ticks = clearing.price_ticks
        market.derive_bounds()


def trade_at(state: State, market: Market, price_ticks: int, trade_index: int) -> int:
    """Trade bids at or above against asks at or below a price; return the index of the next trade."""
    book = market.book
    bid, ask = book.best(BUY), book.best(SELL)
    before = (0, 0)
    while bid and ask and bid.price_ticks >= price_ticks >= ask.price_ticks:
        if bid.owner_id == ask.owner_id:
            prevent_self_trade_in_auction(state, market, bid, ask)
        else:
            before = check_auction_priority(state, bid, ask, before)
            lots = min(bid.visible_lots, ask.visible_lots)
            settle_fill(state, market, AUCTION, ask, bid, price_ticks, lots, bid.price_ticks, trade_index)
            trade_index += 1
            for order in (bid, ask):
                take_auctioned(state, market, order, lots)
        bid, ask = book.best(BUY), book.best(SELL)
    return trade_index


def check_auction_priority(state: State, bid: Order, ask: Order, before: tuple[int, int]) -> tuple[int, int]:
    """Check ORDER: neither side's price improves from one trade of an auction to the next."""
    state.invariants.counts["ORDER"] += 1
    if before != (0, 0) and (bid.price_ticks > before[0] or ask.price_ticks < before[1]):
        state.invariants.broken("ORDER", f"orders {bid.order_id} and {ask.order_id} traded out of turn")
    return bid.price_ticks, ask.price_ticks


def take_auctioned(state: State, market: Market, order: Order, lots: int) -> None:
    """Take traded lots off an order of the book."""
    if market.book.fill(order, lots):
        emit_replenishment(state, market, Replenishment(order, order.visible_lots, order.remaining_lots))
    elif order.remaining_lots == 0:
        state.forget_order(market, order)


def prevent_self_trade_in_auction(state: State, market: Market, bid: Order, ask: Order) -> None:
    """Apply the later order's mode to two orders of one owner."""
    later, earlier = (bid, ask) if bid.priority > ask.priority else (ask, bid)
    mode = later.self_trade_prevention
    if mode == SelfTradePrevention.decrement:
        lots = min(bid.remaining_lots, ask.remaining_lots)
        for order in (earlier, later):
            market.book.reduce(order, lots)
            held = hold_minor(market, order.side, order.price_ticks, lots)
            settle_reduction(state, market, order, lots, order.remaining_lots, held)
            if order.remaining_lots == 0:
                state.forget_order(market, order)
        return
    if mode != SelfTradePrevention.expire_taker:
        expire_in_auction(state, market, earlier)
    if mode != SelfTradePrevention.expire_maker:
        expire_in_auction(state, market, later)


def expire_in_auction(state: State, market: Market, order: Order) -> None:
    """Cancel an order that would trade with its own owner."""
    market.book.remove(order)
    state.forget_order(market, order)
    held = hold_minor(market, order.side, order.price_ticks, order.remaining_lots)
    settle_cancel(state, market, order, CancelReason.self_trade_prevention, order.remaining_lots, held)


def open_continuous(state: State, market: Market, reason: int) -> None:
    """Begin continuous trading: uncross what was gathered, then let triggers fire."""
    change_state(state, market, CONTINUOUS, reason)
    uncross(state, market)
    run_triggers(state, market)
