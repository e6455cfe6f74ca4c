"""What prints and other orders do to orders that wait: stops are elected or follow, legs of a list leave or begin.

Settlement notes what happens to legs. When a match, an auction or a command is settled, `settle_legs` cancels what may
no longer stand beside them; then prints elect; then `place_pending` lets orders begin whose working order is filled.
Of a pair the limit order holds what it needs and the stop only what it needs more; when the stop is elected the limit
order leaves and the stop holds all. A pending order holds nothing before it begins, and leaves where it cannot.
Source: Binance Spot, order lists (OCO, OTO, OTOCO); CME Globex, a trade at or through its trigger activates a stop.
"""

from __future__ import annotations

from tarazy.domain.records import CancelReason, OrderElected, OrderHeld, TrailingStopStarted
from tarazy.spec.book import BUY, TRIGGER_MARKET_TYPES, TRIGGER_TYPES, Order
from tarazy.spec.cancel import close_order
from tarazy.spec.ledger import HOLD
from tarazy.spec.legs import is_leg, other_leg, pending_legs, working_leg
from tarazy.spec.purchases import check_purchase, hand_over_purchase, is_limited_purchase, open_purchase
from tarazy.spec.refusal import Refusal
from tarazy.spec.settlement import ORDER_LIST, hold_minor, paying_asset
from tarazy.spec.state import Market, State
from tarazy.spec.trailing import Trail, trailing_trigger, worst_price


def elect(state: State, market: Market, price_ticks: int) -> None:
    """Elect every order whose trigger a print has reached: triggers above first, nearest trigger first.

    A trailing stop begins there instead.
    """
    book = market.book
    while (order := book.next_triggered(price_ticks)) is not None:
        trail = book.trails.get(order.order_id)
        if trail and trail.extreme_ticks == 0:
            start_trail(state, market, order, price_ticks)
            continue
        book.elect(order)
        state.out.append(
            OrderElected(
                seq=state.seq,
                market_id=market.market_id,
                account_id=order.account_id,
                order_id=order.order_id,
                trigger_price_ticks=order.trigger_price_ticks,
                print_price_ticks=price_ticks,
            ).pack()
        )
        if is_leg(order.order_id):
            take_over(state, market, order)


def start_trail(state: State, market: Market, order: Order, price_ticks: int) -> None:
    """Let a trailing stop that waits follow from a price, and say so."""
    market.book.trail_from(order, price_ticks)
    emit_started(state, market, order, price_ticks)


def emit_started(state: State, market: Market, order: Order, price_ticks: int) -> None:
    """Say from which price a trailing stop follows."""
    state.out.append(
        TrailingStopStarted(
            seq=state.seq,
            market_id=market.market_id,
            account_id=order.account_id,
            order_id=order.order_id,
            extreme_price_ticks=price_ticks,
            trigger_price_ticks=order.trigger_price_ticks,
        ).pack()
    )


def take_over(state: State, market: Market, stop: Order) -> None:
    """Let an elected stop of a pair take over from the limit order, which leaves."""
    if stop.order_id not in market.book.leg_holds:
        return
    limit = market.book.find(other_leg(stop.order_id))
    if limit is not None:
        hand_over_purchase(state, limit.order_id, stop.order_id)
        close_order(state, market, limit, ORDER_LIST)
    need = hold_minor(market, stop.side, stop.price_ticks, stop.leaves_lots)
    hold_more(state, market, stop, need)


def hold_more(state: State, market: Market, order: Order, need_minor: int) -> None:
    """Let an order of a list hold what it needs by itself, or cancel it where that is not there."""
    own = market.book.leg_holds[order.order_id]
    more = max(need_minor - own, 0)
    asset_id = paying_asset(market, order.side)
    balance = state.ledger.balance(order.account_id, asset_id)
    if balance.available.minor < more:
        close_order(state, market, order, CancelReason.insufficient_balance)
        return
    del market.book.leg_holds[order.order_id]
    post_hold(state, market, order, more)


def post_hold(state: State, market: Market, order: Order, more_minor: int) -> None:
    """Hold more for an order of a list, and say so."""
    asset_id = paying_asset(market, order.side)
    balance = state.ledger.balance(order.account_id, asset_id)
    if more_minor:
        state.ledger.post(HOLD, asset_id, more_minor, balance.available, balance.held)
    state.out.append(
        OrderHeld(
            seq=state.seq,
            market_id=market.market_id,
            account_id=order.account_id,
            order_id=order.order_id,
            held_minor=more_minor,
        ).pack()
    )


def settle_legs(state: State) -> None:
    """Cancel the orders of lists that may not stand beside what happened, and note which working orders are filled."""
    while state.leg_events:
        events, state.leg_events = state.leg_events, []
        gone = {order_id for _, order_id, left in events if left}
        for market_id, order_id, left in events:
            market = state.markets[market_id - 1]
            settle_pair(state, market, order_id)
            if left:
                for number in (working_leg(order_id), *pending_legs(order_id)):
                    close_leg(state, market, number)
            elif pending_legs(order_id) and order_id not in gone and market.book.find(order_id) is None:
                state.filled_workings.append((market_id, order_id))


def settle_pair(state: State, market: Market, order_id: int) -> None:
    """Cancel the other order of a pair, but for a stop that is elected: that one has taken over."""
    other = market.book.find(other_leg(order_id))
    if other is None or (other.order_type in TRIGGER_TYPES and other.order_id not in market.book.leg_holds):
        return
    close_order(state, market, other, ORDER_LIST)


def close_leg(state: State, market: Market, order_id: int) -> None:
    """Cancel an order of a list where it is open."""
    order = market.book.find(order_id)
    if order is not None:
        close_order(state, market, order, ORDER_LIST)


def place_pending(state: State) -> None:
    """Let the pending orders begin whose working order is filled."""
    while state.filled_workings:
        market_id, order_id = state.filled_workings.pop(0)
        market = state.markets[market_id - 1]
        legs = [market.book.untriggered[number] for number in pending_legs(order_id) if number in market.book.pending]
        if legs:
            begin_legs(state, market, legs)


def begin_legs(state: State, market: Market, legs: list[Order]) -> None:
    """Take the holds of pending orders and let them wait for trigger or turn; cancel all where that is not possible."""
    for order in legs:
        order.price_ticks = begun_price(market, order)
    needs = leg_needs(market, legs)
    reason = refusal_reason(state, market, legs[0], sum(needs))
    if reason:
        for order in legs:
            close_order(state, market, order, reason)
        return
    for order, need in zip(legs, needs, strict=True):
        begin_leg(state, market, order, need)
    # EMIT
    elect(state, market, market.last_price_ticks)


def begun_price(market: Market, order: Order) -> int:
    """Return the price with which a pending order begins; a trailing stop may follow from the last price."""
    trail = market.book.trails.get(order.order_id)
    if trail is None or order.trigger_price_ticks:
        return order.price_ticks
    begin_trail(market, order, trail.trailing_bp)
    if order.order_type not in TRIGGER_MARKET_TYPES or order.side != BUY:
        return order.price_ticks
    return worst_price(order.trigger_price_ticks, market.collar_ppm)


def begin_trail(market: Market, order: Order, trailing_bp: int) -> None:
    """Let a trailing stop that is in no queue yet follow from the last price."""
    market.book.trails[order.order_id] = Trail(trailing_bp, market.last_price_ticks)
    order.trigger_price_ticks = trailing_trigger(order.side, market.last_price_ticks, trailing_bp)


def leg_needs(market: Market, orders: list[Order]) -> list[int]:
    """Return what each of one or two orders that begin together holds: the stop of a pair what it needs more."""
    needs = [hold_minor(market, order.side, order.price_ticks, order.leaves_lots) for order in orders]
    return needs if len(needs) == 1 else [needs[0], max(needs[1] - needs[0], 0)]


def refusal_reason(state: State, market: Market, order: Order, need_minor: int) -> int:
    """Return why the account cannot hold an amount for an order now, 0 where it can."""
    account = state.accounts[order.account_id - 1]
    asset_id = paying_asset(market, order.side)
    if state.ledger.balance(order.account_id, asset_id).available.minor < need_minor:
        return int(CancelReason.insufficient_balance)
    if is_limited_purchase(state, market, account, order.side):
        try:
            check_purchase(state, account, asset_id, need_minor)
        except Refusal:
            return int(CancelReason.limit)
    return 0


def begin_leg(state: State, market: Market, order: Order, need_minor: int) -> None:
    """Let one pending order begin; the stop of a pair goes on holding less than it would alone."""
    account = state.accounts[order.account_id - 1]
    if is_limited_purchase(state, market, account, order.side):
        open_purchase(state, account, order.order_id, paying_asset(market, order.side), need_minor)
    if other_leg(order.order_id) and order.order_type in TRIGGER_TYPES:
        market.book.leg_holds[order.order_id] = need_minor
    else:
        del market.book.leg_holds[order.order_id]
    post_hold(state, market, order, need_minor)
    market.book.begin(order)
    trail = market.book.trails.get(order.order_id)
    if trail and trail.extreme_ticks:
        emit_started(state, market, order, trail.extreme_ticks)
