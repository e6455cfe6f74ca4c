"""Orders whose time in force ends with a session: day, at the opening, at the close.

A day order leaves when the market closes, at the latest at the end of the local day (the zone of limits over time). An
order at the opening or at the close waits, with what it could cost held, for the next call phase of its kind: one that
leads to continuous trading, or an auction that leads to a closed market. It enters there like all others, and what the
auction leaves of it is canceled. An order at the close that sees the market close without an auction leaves as well.
Source: FIX 59 = 0 (day), 2 (at the opening), 7 (at the close); Xetra, opening auction only and closing auction only.
"""

from __future__ import annotations

from tarazy.domain.records import CancelReason, MarketState, OrderJoined, TimeInForce
from tarazy.spec.book import AUCTION_TIMES, BUY, MARKET_TYPES, Order
from tarazy.spec.cancel import cancel_open_orders
from tarazy.spec.matching import Taker, enter_call_phase
from tarazy.spec.settlement import hold_minor, settle_cancel
from tarazy.spec.state import Market, State

CLOSED = int(MarketState.closed)
CALL_PHASES = (int(MarketState.pre_open), int(MarketState.auction))
AT_THE_OPENING = int(TimeInForce.at_the_opening)


def fits(market: Market, time_in_force: int) -> bool:
    """Return whether an order of this time in force may stand in the book or trade now."""
    if time_in_force not in AUCTION_TIMES:
        return True
    is_closing = market.next_market_state == CLOSED
    return is_call_phase(market) and is_closing == (time_in_force != AT_THE_OPENING)


def is_call_phase(market: Market) -> bool:
    """Return whether the market is in a call phase."""
    return market.market_state in CALL_PHASES


def join_call_phase(state: State, market: Market) -> None:
    """Let the orders that waited for this call phase enter it, lowest number first."""
    for number in sorted(market.book.held):
        order = market.book.untriggered[number]
        if fits(market, order.time_in_force):
            join(state, market, order)


def join(state: State, market: Market, order: Order) -> None:
    """Let an order enter at its limit, a market order at the worst price; cancel a limit outside the collar."""
    market.book.remove_untriggered(order)
    state.forget_order(market, order)
    price, is_buy = order.price_ticks, order.side == BUY
    limit = price
    if order.order_type in MARKET_TYPES:
        limit = min(price, market.collar_high) if is_buy else market.collar_low
    elif price > market.collar_high if is_buy else price < market.collar_low:
        held = hold_minor(market, order.side, price, order.leaves_lots)
        settle_cancel(state, market, order, CancelReason.collar, order.leaves_lots, held)
        return
    # EMIT
    emit_joined(state, market, order, limit)
    # POST EMIT
    enter_call_phase(state, market, Taker(order, limit, price))


def emit_joined(state: State, market: Market, order: Order, price_ticks: int) -> None:
    """Say that an order at the opening or at the close enters the call phase now, at which price."""
    state.out.append(
        OrderJoined(
            seq=state.seq,
            market_id=market.market_id,
            account_id=order.account_id,
            order_id=order.order_id,
            price_ticks=price_ticks,
            leaves_lots=order.leaves_lots,
        ).pack()
    )


def end_session(state: State, market: Market) -> None:
    """After a change of the market's state, cancel the orders whose session is over."""
    book = market.book
    over = [order for order in map(book.get, book.sessional) if is_over(market, order)]
    cancel_open_orders(state, market, over, CancelReason.expired)


def is_over(market: Market, order: Order) -> bool:
    """Return whether an order's session is over: at a close, or when it stands in a phase that is not its own.

    Orders at the opening outlive a halt, from which the market opens again.
    """
    rests = order.order_id in market.book.resting
    if market.market_state == CLOSED:
        return rests or order.time_in_force != AT_THE_OPENING
    if not rests or order.time_in_force not in AUCTION_TIMES:
        return False
    is_closing = is_call_phase(market) and market.next_market_state == CLOSED
    return is_closing == (order.time_in_force == AT_THE_OPENING)
