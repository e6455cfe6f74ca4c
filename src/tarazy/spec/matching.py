"""Continuous matching: an incoming order against the book in price-time priority, then its settlement.

`match` changes only the book and lists what happened; `execute` then posts and emits it action by action, and lets the
leaves quantity rest or go. An order is never matched beyond its limit, nor outside the volatility interruption
corridor. The first trade that would happen outside, of an order that fits a call phase, turns the market into a call
auction which the order joins; one that does not only stops there.
Source: Xetra, volatility interruption; immediate-or-cancel and fill-or-kill orders do not start one.
"""

from __future__ import annotations

from typing import NamedTuple

from tarazy.domain.arithmetic import div_floor, saturate_u64
from tarazy.domain.records import (
    CancelReason,
    MarketReason,
    MarketState,
    OrderAmended,
    OrderReplenished,
    SelfTradePrevention,
    TimeInForce,
)
from tarazy.spec.book import BUY, MARKET_TYPES, SELL, TRIGGER_MARKET_TYPES, Order
from tarazy.spec.grid import grid_ceil, grid_floor
from tarazy.spec.market_states import change_state
from tarazy.spec.settlement import (
    CONTINUOUS,
    end_purchase,
    hold_minor,
    reduce_hold,
    release,
    settle_cancel,
    settle_fill,
    settle_reduction,
)
from tarazy.spec.state import NS_PER_MS, Market, State

EXPIRE_TAKER = SelfTradePrevention.expire_taker
EXPIRE_MAKER = SelfTradePrevention.expire_maker
DECREMENT = SelfTradePrevention.decrement
RESTING_TIMES = (TimeInForce.gtc, TimeInForce.gtd, TimeInForce.day)
FOK = int(TimeInForce.fok)
VOLATILITY = int(CancelReason.volatility)
COLLAR = int(CancelReason.collar)
NO_LIQUIDITY = int(CancelReason.no_liquidity)
SELF_TRADE = int(CancelReason.self_trade_prevention)
FILL_OR_KILL = int(CancelReason.fill_or_kill)


class Taker:
    """An incoming order with the terms on which it matches.

    limit_ticks: worst price. hold_ticks: the price at which a buyer held, 0 when it held an amount. allowance_minor:
    quote minor units left to spend (a buyer's held amount) or to receive (a seller's target), None when only the
    lots count. is_cash_order: the order has a cash order quantity. exhausted: the CancelReason of such an order when
    its lots are used up before its amount.
    """

    __slots__ = ("allowance_minor", "exhausted", "hold_ticks", "is_cash_order", "limit_ticks", "order")

    def __init__(
        self,
        order: Order,
        limit_ticks: int,
        hold_ticks: int,
        allowance_minor: int | None = None,
        is_cash_order: bool = False,
        exhausted: int = 0,
    ) -> None:
        self.order = order
        self.limit_ticks = limit_ticks
        self.hold_ticks = hold_ticks
        self.allowance_minor = allowance_minor
        self.is_cash_order = is_cash_order
        self.exhausted = exhausted

    def accepts(self, price_ticks: int) -> bool:
        """Return whether the taker trades at this price."""
        return price_ticks <= self.limit_ticks if self.order.side == BUY else price_ticks >= self.limit_ticks

    def held_minor(self, market: Market) -> int:
        """Return what the taker's open rest still holds, minor units of the asset it pays with."""
        order = self.order
        if order.side == BUY and self.hold_ticks == 0:
            return self.allowance_minor or 0
        return hold_minor(market, order.side, self.hold_ticks, order.leaves_lots)


class Fill(NamedTuple):
    """The taker traded with a resting order."""

    maker: Order
    price_ticks: int
    lots: int


class Replenishment(NamedTuple):
    """An iceberg showed its next slice."""

    maker: Order
    visible_lots: int
    leaves_lots: int


class MakerExpired(NamedTuple):
    """Self-trade prevention canceled a resting order."""

    maker: Order
    lots: int


class Reduction(NamedTuple):
    """Self-trade prevention took lots off the maker and the taker."""

    maker: Order
    lots: int
    maker_leaves: int
    taker_leaves: int
    taker_released_minor: int


Action = Fill | Replenishment | MakerExpired | Reduction


def match(state: State, market: Market, taker: Taker) -> tuple[list[Action], int]:
    """Match the taker against the book; return what happened and why it stopped (a CancelReason, 0 = filled)."""
    book, order = market.book, taker.order
    opposite = SELL if order.side == BUY else BUY
    actions: list[Action] = []
    before = (0, 0)
    corridor_low, corridor_high = market.trade_bounds(state.last_ts_ns)
    while order.leaves_lots:
        maker = book.best(opposite)
        if maker is None:
            return actions, NO_LIQUIDITY
        price = maker.price_ticks
        if not taker.accepts(price):
            return actions, COLLAR
        lots = affordable_lots(market, taker, price)
        if lots == 0:
            return actions, unaffordable_reason(taker)
        if maker.owner_id == order.owner_id:
            if prevent_self_trade(state, market, taker, maker, lots, actions):
                return actions, SELF_TRADE
            continue
        if not corridor_low <= price <= corridor_high:
            return actions, VOLATILITY
        before = check_priority(state, taker, maker, before)
        lots = min(lots, maker.visible_lots)
        take_maker(state, market, maker, lots, actions)
        order.leaves_lots -= lots
        if taker.allowance_minor is not None:
            taker.allowance_minor -= market.cost_minor(price, lots)
    return actions, taker.exhausted


def unaffordable_reason(taker: Taker) -> int:
    """Return why an order whose amount buys or needs no further lot stops."""
    if not taker.is_cash_order:
        return CancelReason.insufficient_balance
    return CancelReason.amount_spent if taker.order.side == BUY else CancelReason.amount_received


def affordable_lots(market: Market, taker: Taker, price_ticks: int) -> int:
    """Return how many lots the taker still wants and can pay at a price."""
    if taker.allowance_minor is None:
        return taker.order.leaves_lots
    return min(taker.order.leaves_lots, div_floor(taker.allowance_minor, market.cost_minor(price_ticks, 1)))


def check_priority(state: State, taker: Taker, maker: Order, before: tuple[int, int]) -> tuple[int, int]:
    """Check ORDER: within the taker's limit, and after the fill before it in price-time priority."""
    state.invariants.counts["ORDER"] += 1
    sort_price = maker.price_ticks if taker.order.side == BUY else -maker.price_ticks
    now = (sort_price, maker.priority)
    if not taker.accepts(maker.price_ticks) or (before != (0, 0) and now <= before):
        state.invariants.broken("ORDER", f"order {maker.order_id} traded out of turn: {now} after {before}")
    return now


def take_maker(state: State, market: Market, maker: Order, lots: int, actions: list[Action]) -> None:
    """Fill a resting order and list it."""
    actions.append(Fill(maker, maker.price_ticks, lots))
    if market.book.fill(maker, lots):
        actions.append(Replenishment(maker, maker.visible_lots, maker.leaves_lots))
    elif maker.leaves_lots == 0:
        state.forget_order(market, maker)


def prevent_self_trade(
    state: State, market: Market, taker: Taker, maker: Order, lots: int, actions: list[Action]
) -> bool:
    """Apply the taker's mode to a resting order of the same owner; return whether the taker expires."""
    mode, order = taker.order.self_trade_prevention, taker.order
    if mode == EXPIRE_TAKER:
        return True
    if mode == DECREMENT:
        # What the taker can pay for counts only where it asked for an amount: else one lot at a time would be reduced.
        lots = min(lots if taker.is_cash_order else order.leaves_lots, maker.leaves_lots)
        market.book.reduce(maker, lots)
        released = reduce_taker(market, taker, maker.price_ticks, lots)
        leaves = 0 if taker.is_cash_order else order.leaves_lots
        actions.append(Reduction(maker, lots, maker.leaves_lots, leaves, released))
        if maker.leaves_lots == 0:
            state.forget_order(market, maker)
        return False
    market.book.remove(maker)
    state.forget_order(market, maker)
    actions.append(MakerExpired(maker, maker.leaves_lots))
    return mode != EXPIRE_MAKER


def reduce_taker(market: Market, taker: Taker, price_ticks: int, lots: int) -> int:
    """Take lots off the taker without a fill; return what it no longer needs to hold."""
    order = taker.order
    order.leaves_lots -= lots
    order.quantity_lots -= min(lots, order.quantity_lots)
    cost = market.cost_minor(price_ticks, lots)
    if taker.is_cash_order and taker.allowance_minor is not None:
        taker.allowance_minor -= cost
    if order.side == BUY and taker.hold_ticks == 0:
        return cost if taker.is_cash_order else 0
    return hold_minor(market, order.side, taker.hold_ticks, lots)


def fillable_lots(state: State, market: Market, taker: Taker) -> int:
    """Return how many lots the taker could fill now, counting no further than it wants."""
    book, order = market.book, taker.order
    opposite = SELL if order.side == BUY else BUY
    stops_at_own = order.self_trade_prevention != EXPIRE_MAKER
    allowance, total = taker.allowance_minor, 0
    corridor_low, corridor_high = market.trade_bounds(state.last_ts_ns)
    for key in reversed(book.keys[opposite]):
        price = abs(key)
        if not taker.accepts(price) or not corridor_low <= price <= corridor_high:
            break
        queue = book.levels[opposite][key].values()
        has_own = any(maker.owner_id == order.owner_id for maker in queue)
        for maker in queue:
            if maker.owner_id == order.owner_id:
                if stops_at_own:
                    return total
                continue
            lots = min(maker.visible_lots if has_own and stops_at_own else maker.leaves_lots, order.leaves_lots - total)
            if allowance is not None:
                lots = min(lots, div_floor(allowance, market.cost_minor(price, 1)))
                allowance -= market.cost_minor(price, lots)
            total += lots
            if total == order.leaves_lots or lots == 0:
                return total
    return total


def execute(state: State, market: Market, taker: Taker) -> list[int]:
    """Match an accepted or elected order in a continuous market, settle it, and let its leaves quantity stay or go.

    Returns: the price of every fill, in order.
    """
    order = taker.order
    if order.time_in_force == FOK and fillable_lots(state, market, taker) < order.leaves_lots:
        finish_taker(state, market, taker, FILL_OR_KILL)
        return []
    # MATCH
    actions, reason = match(state, market, taker)
    # POST EMIT
    for action in actions:
        settle_action(state, market, taker, action)
    finish_taker(state, market, taker, reason)
    if reason == VOLATILITY and fits_call_phase(order):
        end_ns = saturate_u64(state.last_ts_ns + market.auction_duration_ms * NS_PER_MS)
        change_state(state, market, MarketState.auction, MarketReason.volatility, MarketState.continuous, end_ns)
    return [action.price_ticks for action in actions if isinstance(action, Fill)]


def settle_action(state: State, market: Market, taker: Taker, action: Action) -> None:
    """Post and emit one action of matching."""
    maker = action.maker
    if isinstance(action, Fill):
        hold_ticks = taker.hold_ticks if taker.order.side == BUY else maker.price_ticks
        settle_fill(state, market, CONTINUOUS, maker, taker.order, action.price_ticks, action.lots, hold_ticks)
    elif isinstance(action, Replenishment):
        emit_replenishment(state, market, action)
    elif isinstance(action, MakerExpired):
        held = hold_minor(market, maker.side, maker.price_ticks, action.lots)
        settle_cancel(state, market, maker, SELF_TRADE, action.lots, held)
    else:
        held = hold_minor(market, maker.side, maker.price_ticks, action.lots)
        settle_reduction(state, market, maker, action.lots, action.maker_leaves, held)
        released = action.taker_released_minor
        settle_reduction(state, market, taker.order, action.lots, action.taker_leaves, released)


def emit_replenishment(state: State, market: Market, action: Replenishment) -> None:
    """Say that an iceberg showed its next slice."""
    state.out.append(
        OrderReplenished(
            seq=state.seq,
            market_id=market.market_id,
            account_id=action.maker.account_id,
            order_id=action.maker.order_id,
            visible_lots=action.visible_lots,
            leaves_lots=action.leaves_lots,
        ).pack()
    )


def finish_taker(state: State, market: Market, taker: Taker, reason: int) -> None:
    """Let what a matched order leaves rest, or cancel it; a finished order gives back what it still holds."""
    order = taker.order
    held = taker.held_minor(market)
    if taker.is_cash_order:
        settle_cancel(state, market, order, reason, 0, held)
    elif order.leaves_lots == 0:
        release(state, market, order, held)
        end_purchase(state, order)
    elif reason == VOLATILITY and fits_call_phase(order):
        enter_call_phase(state, market, taker)
    elif order.order_type in MARKET_TYPES or reason in (SELF_TRADE, FILL_OR_KILL, VOLATILITY):
        settle_cancel(state, market, order, reason, order.leaves_lots, held)
    elif order.time_in_force in RESTING_TIMES:
        market.book.insert(order)
        state.register_order(market, order)
    else:
        settle_cancel(state, market, order, CancelReason.immediate_or_cancel, order.leaves_lots, held)


def fits_call_phase(order: Order) -> bool:
    """Return whether what is left of an order may wait in a call phase."""
    return order.time_in_force in RESTING_TIMES or order.order_type in TRIGGER_MARKET_TYPES


def enter_call_phase(state: State, market: Market, taker: Taker) -> None:
    """Let an order wait in a call phase; a market order at the worst price that it may trade at and can hold for."""
    order, held = taker.order, taker.held_minor(market)
    if order.order_type in MARKET_TYPES:
        order.price_ticks = call_phase_price(market, taker, held)
        if order.price_ticks == 0:
            settle_cancel(state, market, order, CancelReason.insufficient_balance, order.leaves_lots, held)
            return
        after = hold_minor(market, order.side, order.price_ticks, order.leaves_lots)
        reduce_hold(state, market, order, held - after)
        emit_amended(state, market, order, 0, after)
    market.book.insert(order)
    state.register_order(market, order)


def call_phase_price(market: Market, taker: Taker, held_minor: int) -> int:
    """Return the price of the grid at which a market order waits in a call phase, 0 where its hold covers none."""
    if taker.order.side == SELL:
        return grid_ceil(market, taker.limit_ticks)
    covered = div_floor(held_minor, market.cost_minor(1, taker.order.leaves_lots))
    return grid_floor(market, min(taker.limit_ticks, covered))


def emit_amended(state: State, market: Market, order: Order, priority_kept: int, held_minor: int) -> None:
    """Say what the order now is."""
    state.out.append(
        OrderAmended(
            priority_kept=priority_kept,
            seq=state.seq,
            market_id=market.market_id,
            account_id=order.account_id,
            order_id=order.order_id,
            price_ticks=order.price_ticks,
            quantity_lots=order.quantity_lots,
            leaves_lots=order.leaves_lots,
            held_minor=held_minor,
        ).pack()
    )
