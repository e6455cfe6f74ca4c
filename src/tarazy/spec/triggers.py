"""Stop and take-profit orders: when the last price reaches their trigger they act, one after the other."""

from __future__ import annotations

from tarazy.domain.records import CancelReason, MarketState, OrderTriggered, OrderType
from tarazy.spec.book import BUY, Order
from tarazy.spec.matching import Taker, execute
from tarazy.spec.settlement import hold_minor, settle_cancel
from tarazy.spec.state import Market, State

WAITING_MARKET_TYPES = (OrderType.stop_loss, OrderType.take_profit)
CONTINUOUS = int(MarketState.continuous)


def run_triggers(state: State, market: Market) -> None:
    """Let every order act whose trigger the last price has reached, until none is left or the market is not open."""
    while market.market_state == CONTINUOUS and market.last_price_ticks:
        order = market.book.next_triggered(market.last_price_ticks)
        if order is None:
            return
        trigger(state, market, order)


def trigger(state: State, market: Market, order: Order) -> None:
    """Turn a waiting order into an acting one and match it."""
    market.book.unwait(order)
    state.forget_order(market, order)
    # EMIT
    state.out.append(
        OrderTriggered(
            seq=state.seq,
            market_id=market.market_id,
            account_id=order.account_id,
            order_id=order.order_id,
            trigger_price_ticks=order.trigger_price_ticks,
            last_price_ticks=market.last_price_ticks,
        ).pack()
    )
    # MATCH POST EMIT
    taker = triggered_taker(market, order)
    if taker is None:
        held = hold_minor(market, order.side, order.price_ticks, order.remaining_lots)
        settle_cancel(state, market, order, CancelReason.collar, order.remaining_lots, held)
        return
    execute(state, market, taker)


def triggered_taker(market: Market, order: Order) -> Taker | None:
    """Return the terms of a triggered order, None when its limit price lies outside the collar.

    A triggered market order trades up to the collar, a buy also no further than the price it holds for.
    """
    price = order.price_ticks
    if order.order_type in WAITING_MARKET_TYPES:
        limit = min(price, market.collar_high) if order.side == BUY else market.collar_low
        return Taker(order, limit, price)
    if price > market.collar_high if order.side == BUY else price < market.collar_low:
        return None
    return Taker(order, price, price)
