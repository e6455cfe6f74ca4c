"""Place an order: the checks, the hold, the match."""

from __future__ import annotations

from tarazy.domain.arithmetic import div_ceil, div_floor, saturate_u128
from tarazy.domain.records import (
    AccountRole,
    AccountState,
    AssetStatus,
    CancelReason,
    MarketState,
    OrderAccepted,
    OrderType,
    ParameterTable,
    PlaceOrder,
    TimeInForce,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.book import AUCTION_TIMES, BUY, DAY, SELL, TRIGGER_MARKET_TYPES, TRIGGER_TYPES, Order, is_trigger_above
from tarazy.spec.client_ids import check_client_order_id, remember_order
from tarazy.spec.grid import check_grid
from tarazy.spec.ledger import HOLD
from tarazy.spec.limits import check_order
from tarazy.spec.lookup import find_account, find_market
from tarazy.spec.market_states import ORDER_STATES
from tarazy.spec.matching import RESTING_TIMES, Taker, call_phase_price
from tarazy.spec.periods import day_end_ns
from tarazy.spec.purchases import check_purchase, is_limited_purchase, open_purchase
from tarazy.spec.refusal import Refusal
from tarazy.spec.session_orders import emit_joined, fits
from tarazy.spec.settlement import hold_minor, paying_asset
from tarazy.spec.state import Account, Market, State
from tarazy.spec.trailing import worst_price
from tarazy.spec.triggers import run_triggers, trade

SLICES_MAX = 100
PRICED_TYPES = (OrderType.limit, OrderType.post_only, OrderType.stop_loss_limit, OrderType.take_profit_limit)
POST_ONLY = int(OrderType.post_only)
MARKET = int(OrderType.market)
LIMIT = int(OrderType.limit)
CONTINUOUS = int(MarketState.continuous)
HOUSE = int(AccountRole.house)
ACTIVE = int(AccountState.active)
ADMITTED = int(AssetStatus.admitted)
GTD = int(TimeInForce.gtd)
IOC = int(TimeInForce.ioc)
FOK = int(TimeInForce.fok)
GTC = int(TimeInForce.gtc)
SOLD_OUT = int(CancelReason.sold_out)
QUANTITY_MAX = int(CancelReason.quantity_max)
OPEN_ORDERS_MAX = int(ParameterTable.open_orders_max)


def place_order(state: State, command: PlaceOrder) -> None:
    """Accept an order, hold what it could cost, match it, and let its leaves quantity stay, wait or go."""
    # GATE
    account = find_account(state, command.account_id)
    check_trader(state, account, command.approval_id)
    market = find_market(state, command.market_id)
    check_market(state, market)
    check_fields(command)
    check_in_auction(market, command)
    check_size(market, command)
    if account.limited:
        price = command.price_ticks or command.trigger_price_ticks
        check_order(state, account, market, price, command.quantity_lots, command.cash_order_quantity_minor)
    check_price(market, command)
    check_client_order_id(state, account, command.client_order_id)
    check_open_orders(state, account, 1)
    order = new_order(state, market, account, command)
    # HOLD
    asset_id = paying_asset(market, order.side)
    balance = state.ledger.balance(account.account_id, asset_id)
    taker, held = price_hold(market, order, command, balance.available.minor)
    if balance.available.minor < held:
        raise Refusal(RejectCode.insufficient_balance, held, balance.available.minor)
    if order.order_type == POST_ONLY:
        check_post_only(market, order.side, order.price_ticks)
    if is_limited_purchase(state, market, account, order.side):
        check_purchase(state, account, asset_id, held)
        open_purchase(state, account, order.order_id, asset_id, held)
    state.ledger.post(HOLD, asset_id, held, balance.available, balance.held)
    remember_order(state, account, command.client_order_id)
    # EMIT
    price = order.price_ticks if command.order_type == MARKET else command.price_ticks
    emit_accepted(state, command, order.order_id, price, held)
    # MATCH POST EMIT
    if command.order_type in TRIGGER_TYPES or not fits(market, command.time_in_force):
        market.book.add_untriggered(order)
        state.register_order(market, order)
    elif market.market_state == CONTINUOUS:
        trade(state, market, taker)
        run_triggers(state, market)
    else:
        if command.time_in_force in AUCTION_TIMES:
            emit_joined(state, market, order, order.price_ticks)
        market.book.insert(order)
        state.register_order(market, order)


def check_trader(state: State, account: Account, approval_id: int) -> None:
    """Refuse orders of accounts that may not trade."""
    if account.account_role == HOUSE:
        raise Refusal(RejectCode.house_cannot_trade, 0, account.account_id)
    if account.account_state != ACTIVE:
        raise Refusal(RejectCode.account_not_active, ACTIVE, account.account_state)
    if approval_id != account.approval_id:
        raise Refusal(RejectCode.approval_mismatch, account.approval_id, approval_id)
    if not state.may_trade(account):
        raise Refusal(RejectCode.owner_cannot_trade, state.insiders[account.owner_id], account.account_role)


def check_market(state: State, market: Market) -> None:
    """Refuse orders in assets that are not admitted and in markets that are not open."""
    for asset_id in (market.base_asset_id, market.quote_asset_id):
        status = state.assets[asset_id - 1].asset_status
        if status != ADMITTED:
            raise Refusal(RejectCode.asset_not_admitted, ADMITTED, status)
    if market.market_state not in ORDER_STATES:
        raise Refusal(RejectCode.market_not_open, CONTINUOUS, market.market_state)


def check_fields(command: PlaceOrder) -> None:
    """Refuse a combination of fields that the order type does not have."""
    order_type, has_trigger = command.order_type, command.order_type in TRIGGER_TYPES
    if order_type in PRICED_TYPES and command.price_ticks == 0:
        raise Refusal(RejectCode.price_missing, 1, 0)
    if order_type not in PRICED_TYPES and command.price_ticks:
        raise Refusal(RejectCode.price_not_allowed, 0, command.price_ticks)
    if command.cash_order_quantity_minor and (order_type != MARKET or command.quantity_lots):
        raise Refusal(RejectCode.cash_order_quantity_not_allowed, 0, command.cash_order_quantity_minor)
    if command.quantity_lots == 0 and command.cash_order_quantity_minor == 0:
        raise Refusal(RejectCode.quantity_missing, 1, 0)
    if has_trigger and command.trigger_price_ticks == 0:
        raise Refusal(RejectCode.trigger_missing, 1, 0)
    if not has_trigger and command.trigger_price_ticks:
        raise Refusal(RejectCode.trigger_not_allowed, 0, command.trigger_price_ticks)
    check_display(command)
    check_time_in_force(command)


def check_display(command: PlaceOrder) -> None:
    """Refuse a slice on an order that cannot rest, one as large as the order, or one under a hundredth of it."""
    if command.display_lots == 0:
        return
    can_rest = command.order_type in PRICED_TYPES and command.time_in_force in RESTING_TIMES
    if not can_rest:
        raise Refusal(RejectCode.display_not_allowed, 0, command.display_lots)
    if command.display_lots >= command.quantity_lots:
        raise Refusal(RejectCode.display_not_allowed, command.quantity_lots - 1, command.display_lots)
    smallest = div_ceil(command.quantity_lots, SLICES_MAX)
    if command.display_lots < smallest:
        raise Refusal(RejectCode.display_not_allowed, smallest, command.display_lots)


def check_time_in_force(command: PlaceOrder) -> None:
    """Refuse a time in force that the order type does not have, and an expiry out of place."""
    is_gtd = command.time_in_force == GTD
    if is_gtd and command.expire_ns <= command.ts_ns:
        raise Refusal(RejectCode.expiry_invalid, command.ts_ns + 1, command.expire_ns)
    if not is_gtd and command.expire_ns:
        raise Refusal(RejectCode.expiry_invalid, 0, command.expire_ns)
    if not allows_time_in_force(command):
        raise Refusal(
            RejectCode.time_in_force_not_allowed,
            GTC if command.order_type == POST_ONLY else IOC,
            command.time_in_force,
        )


def allows_time_in_force(command: PlaceOrder) -> bool:
    """Return whether the order type takes the time in force."""
    time_in_force = command.time_in_force
    if command.order_type == MARKET:
        is_cash_order = command.cash_order_quantity_minor != 0
        return time_in_force == IOC or (time_in_force in (FOK, GTC, *AUCTION_TIMES) and not is_cash_order)
    if command.order_type == POST_ONLY:
        return time_in_force in RESTING_TIMES
    if command.order_type in TRIGGER_MARKET_TYPES:
        return time_in_force == IOC
    return command.order_type == LIMIT or time_in_force not in AUCTION_TIMES


def check_in_auction(market: Market, command: PlaceOrder) -> None:
    """Refuse what does not fit a call phase, and there a market order without a reference price to bound it."""
    if command.order_type in TRIGGER_TYPES:
        return
    if command.time_in_force not in AUCTION_TIMES:
        if market.market_state == CONTINUOUS:
            return
        if command.order_type not in (LIMIT, MARKET):
            raise Refusal(RejectCode.order_not_in_auction, LIMIT, command.order_type)
        if command.time_in_force not in RESTING_TIMES:
            raise Refusal(RejectCode.time_in_force_not_in_auction, GTC, command.time_in_force)
    if command.order_type == MARKET and market.reference_price_ticks == 0:
        raise Refusal(RejectCode.reference_missing, 1, 0)


def check_size(market: Market, command: PlaceOrder) -> None:
    """Refuse orders that are too large or too small. A market order by lots counts at the reference price.

    Without one its value is not known; it is too large where a tick for each lot is more than the market takes.
    """
    if command.quantity_lots > market.quantity_max_lots:
        raise Refusal(RejectCode.quantity_too_large, market.quantity_max_lots, command.quantity_lots)
    if command.cash_order_quantity_minor:
        notional = command.cash_order_quantity_minor
    else:
        price = command.price_ticks or command.trigger_price_ticks or market.reference_price_ticks
        notional = saturate_u128(market.cost_minor(max(price, 1), command.quantity_lots))
        if price == 0 and notional <= market.notional_max_minor:
            return
    check_notional(market, notional)


def check_notional(market: Market, notional_minor: int) -> None:
    """Refuse an order value outside the market's limits."""
    if notional_minor < market.notional_min_minor:
        raise Refusal(RejectCode.notional_too_small, market.notional_min_minor, notional_minor)
    if notional_minor > market.notional_max_minor:
        raise Refusal(RejectCode.notional_too_large, market.notional_max_minor, notional_minor)


def check_price(market: Market, command: PlaceOrder) -> None:
    """Refuse prices off the grid, one through the collar, and a trigger that the last price has already reached."""
    check_grid(market, command.price_ticks)
    check_grid(market, command.trigger_price_ticks)
    if command.order_type not in TRIGGER_TYPES:
        if command.price_ticks:
            check_collar(market, command.side, command.price_ticks)
        return
    probe = Order()
    probe.order_type, probe.side = command.order_type, command.side
    last, trigger = market.last_price_ticks, command.trigger_price_ticks
    if last and is_trigger_above(probe) and last >= trigger:
        raise Refusal(RejectCode.trigger_already_reached, last + 1, trigger)
    if last and not is_trigger_above(probe) and last <= trigger:
        raise Refusal(RejectCode.trigger_already_reached, last - 1, trigger)


def check_collar(market: Market, side: int, price_ticks: int) -> None:
    """Refuse a price further through the reference than the collar allows."""
    if side == BUY and price_ticks > market.collar_high:
        raise Refusal(RejectCode.price_outside_collar, market.collar_high, price_ticks)
    if side == SELL and price_ticks < market.collar_low:
        raise Refusal(RejectCode.price_outside_collar, market.collar_low, price_ticks)


def check_open_orders(state: State, account: Account, count: int) -> None:
    """Refuse orders beyond the number that an account may have open."""
    limit = state.parameter(OPEN_ORDERS_MAX, 0)
    if limit and account.open_orders + count > limit:
        raise Refusal(RejectCode.open_orders_limit, limit, account.open_orders + count)


def check_post_only(market: Market, side: int, price_ticks: int) -> None:
    """Refuse a post-only order that would trade at once."""
    if market.market_state != CONTINUOUS:
        return
    best = market.book.best_price(SELL if side == BUY else BUY)
    if best and (price_ticks >= best if side == BUY else price_ticks <= best):
        raise Refusal(RejectCode.post_only_would_cross, best - 1 if side == BUY else best + 1, price_ticks)


def new_order(state: State, market: Market, account: Account, command: PlaceOrder) -> Order:
    """Return the order of the command. An untriggered market buy carries as price the most that it may pay."""
    order = Order()
    order.order_id = state.seq
    order.client_order_id = command.client_order_id
    order.account_id = account.account_id
    order.owner_id = account.owner_id
    order.approval_id = command.approval_id
    order.side = command.side
    order.order_type = command.order_type
    order.time_in_force = command.time_in_force
    order.self_trade_prevention = command.self_trade_prevention
    order.session_id = command.session_id
    order.price_ticks = command.price_ticks
    if command.order_type in TRIGGER_MARKET_TYPES and command.side == BUY:
        order.price_ticks = worst_price(command.trigger_price_ticks, market.collar_ppm)
    order.trigger_price_ticks = command.trigger_price_ticks
    order.quantity_lots = command.quantity_lots
    order.leaves_lots = command.quantity_lots
    order.display_lots = command.display_lots
    order.expire_ns = day_end_ns(state) if command.time_in_force == DAY else command.expire_ns
    return order


def price_hold(market: Market, order: Order, command: PlaceOrder, available_minor: int) -> tuple[Taker, int]:
    """Return the terms on which the order matches and what it must hold, minor units of the asset it pays with."""
    if command.order_type != MARKET:
        held = hold_minor(market, order.side, order.price_ticks, order.leaves_lots)
        return Taker(order, order.price_ticks, order.price_ticks), held
    if command.cash_order_quantity_minor:
        return cash_hold(market, order, command.cash_order_quantity_minor, available_minor)
    return market_hold(market, order, available_minor)


def cash_hold(market: Market, order: Order, amount_minor: int, available_minor: int) -> tuple[Taker, int]:
    """Return the terms of a cash order: a buy holds the cash order quantity, a sell all lots that are available.

    The largest order of the market binds its lots, too.
    """
    largest = market.quantity_max_lots
    if order.side == BUY:
        order.leaves_lots = largest
        return Taker(order, market.collar_high, 0, amount_minor, True, QUANTITY_MAX), amount_minor
    lots = max(div_floor(available_minor, market.lot_size_minor), 1)
    order.leaves_lots = min(lots, largest)
    held = order.leaves_lots * market.lot_size_minor
    exhausted = SOLD_OUT if lots <= largest else QUANTITY_MAX
    return Taker(order, market.collar_low, 0, amount_minor, True, exhausted), held


def market_hold(market: Market, order: Order, available_minor: int) -> tuple[Taker, int]:
    """Return the terms of a market order by lots: a buy holds what they cost at the collar, at most what is there.

    The largest value of an order binds it, too. In a call phase it waits at the price that its hold covers.
    """
    if order.side == BUY:
        worst = saturate_u128(market.cost_minor(market.collar_high, order.leaves_lots))
        held = max(min(worst, available_minor, market.notional_max_minor), 1)
        taker = Taker(order, market.collar_high, 0, held)
    else:
        held = order.leaves_lots * market.lot_size_minor
        taker = Taker(order, market.collar_low, 0)
    if market.market_state != CONTINUOUS or order.time_in_force in AUCTION_TIMES:
        order.price_ticks = max(call_phase_price(market, taker, held), 1)
        held = hold_minor(market, order.side, order.price_ticks, order.leaves_lots)
    return taker, held


def emit_accepted(state: State, command: PlaceOrder, order_id: int, price_ticks: int, held_minor: int) -> None:
    """Say that the order is accepted; in a call phase a market order states the price at which it enters."""
    state.out.append(
        OrderAccepted(
            order_type=command.order_type,
            side=command.side,
            time_in_force=command.time_in_force,
            self_trade_prevention=command.self_trade_prevention,
            session_id=command.session_id,
            seq=state.seq,
            market_id=command.market_id,
            account_id=command.account_id,
            order_id=order_id,
            client_order_id=command.client_order_id,
            price_ticks=price_ticks,
            quantity_lots=command.quantity_lots,
            trigger_price_ticks=command.trigger_price_ticks,
            display_lots=command.display_lots,
            held_minor=held_minor,
        ).pack()
    )
