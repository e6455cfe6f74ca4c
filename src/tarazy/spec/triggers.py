"""Stop and take-profit orders: prints elect them, and the market's state lets them act.

Every print counts, each one of a sweep and an auction's price; who was elected stays so. In a continuous market elected
orders act one after the other, and their own prints elect further ones. In a call phase they enter like all others,
where they may rest; else, at a halt and in a closed market they wait.
Source: CME Globex, a stop order is activated when the market trades at or through its trigger price.
"""

from __future__ import annotations

from tarazy.domain.records import CancelReason, MarketState, OrderTriggered, OrderType
from tarazy.spec.book import BUY, SELL, TRIGGER_MARKET_TYPES, Order
from tarazy.spec.contingencies import elect, place_pending, settle_legs
from tarazy.spec.matching import Taker, enter_call_phase, execute, fits_call_phase
from tarazy.spec.session_orders import is_call_phase, join_call_phase
from tarazy.spec.settlement import hold_minor, settle_cancel
from tarazy.spec.state import Market, State

CONTINUOUS = int(MarketState.continuous)
POST_ONLY = int(OrderType.post_only)


def run_triggers(state: State, market: Market) -> None:
    """Let elected orders act or enter the call phase, first elected first, for as long as the market takes them."""
    while market.market_state == CONTINUOUS and (order := market.book.next_elected()) is not None:
        act(state, market, order)
    if is_call_phase(market):
        join_call_phase(state, market)
        for order in [market.book.untriggered[number] for _, number in market.book.elected]:
            if fits_call_phase(order):
                act(state, market, order)


def act(state: State, market: Market, order: Order) -> None:
    """Match an elected order, or let it enter the call phase.

    One whose limit lies outside the collar is canceled, and a post-only one that would trade.
    """
    market.book.remove_untriggered(order)
    state.forget_order(market, order)
    order.priority = 0
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
    if taker is None or crosses_post_only(market, order):
        reason = CancelReason.post_only if taker else CancelReason.collar
        held = hold_minor(market, order.side, order.price_ticks, order.leaves_lots)
        settle_cancel(state, market, order, reason, order.leaves_lots, held)
    elif market.market_state != CONTINUOUS:
        enter_call_phase(state, market, taker)
    else:
        trade(state, market, taker)


def crosses_post_only(market: Market, order: Order) -> bool:
    """Return whether a post-only order would trade at once."""
    if order.order_type != POST_ONLY or market.market_state != CONTINUOUS:
        return False
    best = market.book.best_price(SELL if order.side == BUY else BUY)
    return bool(best) and (order.price_ticks >= best if order.side == BUY else order.price_ticks <= best)


def trade(state: State, market: Market, taker: Taker) -> None:
    """Match an order, settle what it means for lists, and let every print of it elect.

    The prices of a match go one way, so that trailing stops need only follow its first print and its last: what lies
    between moves none of them to where a later print of the match would elect it.
    """
    prints = list(dict.fromkeys(execute(state, market, taker)))
    settle_legs(state)
    for price_ticks in prints:
        elect(state, market, price_ticks)
        if price_ticks in (prints[0], prints[-1]):
            market.book.follow(price_ticks)
    place_pending(state)


def triggered_taker(market: Market, order: Order) -> Taker | None:
    """Return the terms of a triggered order, None when its limit price lies outside the collar.

    A triggered market order trades up to the collar, a buy also no further than the price it holds for.
    """
    price = order.price_ticks
    if order.order_type in TRIGGER_MARKET_TYPES:
        limit = min(price, market.collar_high) if order.side == BUY else market.collar_low
        return Taker(order, limit, price)
    if price > market.collar_high if order.side == BUY else price < market.collar_low:
        return None
    return Taker(order, price, price)
