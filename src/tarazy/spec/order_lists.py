"""Order lists and trailing stops: orders that depend on each other or follow the price, placed by one command.

All orders of a command are checked like any order, together; then they are held for, numbered and placed, or none is.
What becomes of them: `contingencies`. The client's number names the first order, the next numbers those after it.
Source: Binance Spot, Place new order list (OCO, OTO, OTOCO) and Trailing Stop order FAQ. Here the limit order of a pair
is a post-only order, a pending order is on the other side of its working order, and none is a market order.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tarazy.domain.arithmetic import U64_MAX
from tarazy.domain.records import (
    CancelOrderList,
    CancelReason,
    MarketState,
    OrderListKind,
    OrderListPlaced,
    OrderType,
    PlaceOco,
    PlaceOrder,
    PlaceOto,
    PlaceOtoco,
    PlaceTrailingStop,
    TimeInForce,
    TrailingStopPlaced,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.book import BUY, SELL, TRIGGER_MARKET_TYPES, TRIGGER_TYPES, Order
from tarazy.spec.cancel import cancel_open_orders, require_canceling
from tarazy.spec.client_ids import check_client_order_id, remember_order
from tarazy.spec.contingencies import begin_trail, emit_started, leg_needs
from tarazy.spec.grid import check_grid
from tarazy.spec.ledger import HOLD
from tarazy.spec.legs import (
    OCO_LIMIT,
    OCO_STOP,
    OTO_PENDING,
    OTO_WORKING,
    OTOCO_LIMIT,
    OTOCO_STOP,
    OTOCO_WORKING,
    is_leg,
    leg_id,
    list_of,
)
from tarazy.spec.limits import check_order
from tarazy.spec.lookup import find_account, find_market
from tarazy.spec.matching import Taker
from tarazy.spec.orders import (
    check_fields,
    check_in_auction,
    check_market,
    check_open_orders,
    check_post_only,
    check_price,
    check_size,
    check_trader,
    emit_accepted,
    new_order,
)
from tarazy.spec.purchases import check_purchase, is_limited_purchase, open_purchase
from tarazy.spec.refusal import Refusal, unknown
from tarazy.spec.settlement import paying_asset
from tarazy.spec.state import Account, Market, State
from tarazy.spec.trailing import TRAILING_MAX_BP, TRAILING_MIN_BP, Trail, trailing_trigger, worst_price
from tarazy.spec.triggers import run_triggers, trade

POST_ONLY = int(OrderType.post_only)
WORKING_TYPES = (OrderType.limit, OrderType.post_only)
CONTINUOUS = int(MarketState.continuous)
GTC, GTD, IOC = int(TimeInForce.gtc), int(TimeInForce.gtd), int(TimeInForce.ioc)


class Leg(NamedTuple):
    """One order of a command: its role in the list, its terms, how far it trails, whether another must fill first."""

    role: int
    terms: PlaceOrder
    trailing_bp: int = 0
    is_pending: bool = False


def place_trailing_stop(state: State, command: PlaceTrailingStop) -> None:
    """Place a stop or take-profit order whose trigger follows the price."""
    check_trailing(command.trailing_bp)
    terms = PlaceOrder(*command[:-1])
    place_legs(state, 0, [Leg(0, terms, command.trailing_bp)])


def place_oco(state: State, command: PlaceOco) -> None:
    """Place a post-only order and a stop of which one cancels the other."""
    limit = leg_terms(command, 0, POST_ONLY, command.side, command.price_ticks, command.quantity_lots)
    stop = stop_terms(command, 1, command.side, command.quantity_lots)
    pair = [Leg(OCO_LIMIT, limit), Leg(OCO_STOP, stop, command.trailing_bp)]
    place_legs(state, OrderListKind.oco, pair)


def place_oto(state: State, command: PlaceOto) -> None:
    """Place a working order and one that begins when it is filled."""
    if command.pending_type == OrderType.market:
        raise Refusal(RejectCode.list_type_not_allowed, OrderType.limit, command.pending_type)
    working = working_terms(command)
    kind, price = command.pending_type, command.pending_price_ticks
    trigger = command.trigger_price_ticks
    side, lots = SELL if command.side == BUY else BUY, command.pending_quantity_lots
    pending = leg_terms(command, 1, kind, side, price, lots)._replace(trigger_price_ticks=trigger)
    legs = [Leg(OTO_WORKING, working), Leg(OTO_PENDING, pending, command.trailing_bp, True)]
    place_legs(state, OrderListKind.oto, legs)


def place_otoco(state: State, command: PlaceOtoco) -> None:
    """Place a working order and a pair, of which one cancels the other, that begins when it is filled."""
    working = working_terms(command)
    side, lots = SELL if command.side == BUY else BUY, command.pending_quantity_lots
    limit = leg_terms(command, 1, POST_ONLY, side, command.pending_price_ticks, lots)
    stop = stop_terms(command, 2, side, lots)
    pair = [Leg(OTOCO_LIMIT, limit, 0, True), Leg(OTOCO_STOP, stop, command.trailing_bp, True)]
    place_legs(state, OrderListKind.otoco, [Leg(OTOCO_WORKING, working), *pair])


def working_terms(command: PlaceOto | PlaceOtoco) -> PlaceOrder:
    """Return the working order of a list."""
    if command.order_type not in WORKING_TYPES:
        raise Refusal(RejectCode.list_type_not_allowed, OrderType.limit, command.order_type)
    return leg_terms(command, 0, command.order_type, command.side, command.price_ticks, command.quantity_lots)


def stop_terms(command: PlaceOco | PlaceOtoco, place: int, side: int, lots: int) -> PlaceOrder:
    """Return the stop of a pair, a market order where it has no limit price."""
    kind = OrderType.stop_loss_limit if command.stop_price_ticks else OrderType.stop_loss
    terms = leg_terms(command, place, kind, side, command.stop_price_ticks, lots)
    return terms._replace(trigger_price_ticks=command.trigger_price_ticks)


def leg_terms(command: Any, place: int, order_type: int, side: int, price_ticks: int, lots: int) -> PlaceOrder:
    """Return the order at a place of a list; a market order once triggered is immediate or cancel."""
    at_market = order_type in TRIGGER_MARKET_TYPES
    expire_ns = 0 if at_market else getattr(command, "expire_ns", 0)
    time_in_force = IOC if at_market else GTD if expire_ns else GTC
    number = command.client_order_id
    if number > U64_MAX - place:
        raise Refusal(RejectCode.list_number_too_large, U64_MAX - place, number)
    return PlaceOrder(
        order_type=order_type,
        side=side,
        time_in_force=time_in_force,
        self_trade_prevention=command.self_trade_prevention,
        session_id=command.session_id,
        ts_ns=command.ts_ns,
        market_id=command.market_id,
        account_id=command.account_id,
        client_order_id=number + place if number else 0,
        price_ticks=price_ticks,
        quantity_lots=lots,
        expire_ns=expire_ns,
        approval_id=command.approval_id,
    )


def place_legs(state: State, list_kind: int, legs: list[Leg]) -> None:
    """Check all orders of a command, hold for them, and place them."""
    first = legs[0].terms
    # GATE
    account = find_account(state, first.account_id)
    check_trader(state, account, first.approval_id)
    market = find_market(state, first.market_id)
    check_market(state, market)
    for leg in legs:
        check_leg(state, account, market, leg, first.price_ticks)
    check_pair(market, legs)
    for leg in legs:
        check_client_order_id(state, account, leg.terms.client_order_id)
    check_open_orders(state, account, len(legs))
    orders = [new_leg(state, market, account, leg) for leg in legs]
    # HOLD
    needs = placed_needs(market, legs, orders)
    hold_legs(state, account, market, legs, orders, needs)
    for leg in reversed(legs):
        remember_order(state, account, leg.terms.client_order_id)
    # EMIT
    emit_placed(state, list_kind, legs, orders, needs)
    # MATCH POST EMIT
    for leg, order, need in list(zip(legs, orders, needs, strict=True))[1:]:
        market.book.leg_holds[order.order_id] = need
        place_untriggered(state, market, leg, order)
    if legs[0].terms.order_type in TRIGGER_TYPES:
        place_untriggered(state, market, legs[0], orders[0])
    elif market.market_state == CONTINUOUS:
        trade(state, market, Taker(orders[0], orders[0].price_ticks, orders[0].price_ticks))
        run_triggers(state, market)
    else:
        market.book.insert(orders[0])
        state.register_order(market, orders[0])


def check_trailing(trailing_bp: int) -> None:
    """Refuse a distance out of range."""
    if trailing_bp < TRAILING_MIN_BP:
        raise Refusal(RejectCode.trailing_delta_out_of_range, TRAILING_MIN_BP, trailing_bp)
    if trailing_bp > TRAILING_MAX_BP:
        raise Refusal(RejectCode.trailing_delta_out_of_range, TRAILING_MAX_BP, trailing_bp)


def check_leg(state: State, account: Account, market: Market, leg: Leg, working_ticks: int) -> None:
    """Refuse what would be refused of an order by itself; what depends on the market at its time is checked then.

    A trailing stop without a trigger price counts at the price from which it begins.
    """
    terms = leg.terms
    if leg.trailing_bp:
        check_trailing(leg.trailing_bp)
        if terms.trigger_price_ticks == 0:
            terms = terms._replace(trigger_price_ticks=working_ticks if leg.is_pending else market.last_price_ticks)
        if terms.trigger_price_ticks == 0:
            raise Refusal(RejectCode.trailing_price_missing, 1, 0)
    check_fields(terms)
    if not leg.is_pending:
        check_in_auction(market, terms)
    check_size(market, terms)
    if account.limited:
        check_order(state, account, market, terms.price_ticks or terms.trigger_price_ticks, terms.quantity_lots, 0)
    for price_ticks in (leg.terms.price_ticks, leg.terms.trigger_price_ticks):
        check_grid(market, price_ticks)
    if not leg.is_pending and leg.terms.trigger_price_ticks == terms.trigger_price_ticks:
        check_price(market, terms)


def check_pair(market: Market, legs: list[Leg]) -> None:
    """Refuse a pair whose limit and trigger do not lie on both sides of the last price, or of each other."""
    if len(legs) == 1 or legs[-2].terms.order_type != POST_ONLY or legs[-1].role == OTO_PENDING:
        return
    limit, stop = legs[-2].terms, legs[-1].terms
    if stop.side == BUY and 0 < stop.price_ticks < limit.price_ticks:
        raise Refusal(RejectCode.list_prices_crossed, limit.price_ticks, stop.price_ticks)
    for inner in (0 if legs[-2].is_pending else market.last_price_ticks, stop.trigger_price_ticks):
        is_apart = limit.price_ticks > inner if limit.side == SELL else limit.price_ticks < inner
        if inner and not is_apart:
            raise Refusal(RejectCode.list_prices_crossed, inner + (1 if limit.side == SELL else -1), limit.price_ticks)


def new_leg(state: State, market: Market, account: Account, leg: Leg) -> Order:
    """Return the order of a leg. A trailing market buy carries as price the most that it may pay."""
    order = new_order(state, market, account, leg.terms)
    order.order_id = leg_id(state.seq, leg.role)
    if leg.trailing_bp and order.order_type in TRIGGER_MARKET_TYPES and order.side == BUY:
        start = order.trigger_price_ticks or market.last_price_ticks
        order.price_ticks = worst_price(trailing_trigger(BUY, start, leg.trailing_bp), market.collar_ppm)
    return order


def placed_needs(market: Market, legs: list[Leg], orders: list[Order]) -> list[int]:
    """Return what each order holds when it is placed: a pending one nothing."""
    at_once = [order for leg, order in zip(legs, orders, strict=True) if not leg.is_pending]
    return leg_needs(market, at_once) + [0] * (len(orders) - len(at_once))


def hold_legs(
    state: State, account: Account, market: Market, legs: list[Leg], orders: list[Order], needs: list[int]
) -> None:
    """Hold what the orders need; refuse what the balance does not cover, or a post-only one that would trade."""
    asset_id, total = paying_asset(market, orders[0].side), sum(needs)
    balance = state.ledger.balance(account.account_id, asset_id)
    if balance.available.minor < total:
        raise Refusal(RejectCode.insufficient_balance, total, balance.available.minor)
    if orders[0].order_type == POST_ONLY:
        check_post_only(market, orders[0].side, orders[0].price_ticks)
    if is_limited_purchase(state, market, account, orders[0].side):
        check_purchase(state, account, asset_id, total)
        for leg, order, need in zip(legs, orders, needs, strict=True):
            if not leg.is_pending:
                open_purchase(state, account, order.order_id, asset_id, need)
    state.ledger.post(HOLD, asset_id, total, balance.available, balance.held)


def emit_placed(state: State, list_kind: int, legs: list[Leg], orders: list[Order], needs: list[int]) -> None:
    """Say that a list is accepted, and each of its orders: the one that may trade at once comes last."""
    terms = legs[0].terms
    if list_kind:
        state.out.append(
            OrderListPlaced(
                list_kind=list_kind,
                seq=state.seq,
                market_id=terms.market_id,
                account_id=terms.account_id,
                list_id=state.seq,
                client_order_id=terms.client_order_id,
            ).pack()
        )
    for leg, order, need in reversed(list(zip(legs, orders, needs, strict=True))):
        emit_accepted(state, leg.terms, order.order_id, leg.terms.price_ticks, need)
        if leg.trailing_bp:
            state.out.append(
                TrailingStopPlaced(
                    seq=state.seq,
                    market_id=terms.market_id,
                    account_id=terms.account_id,
                    order_id=order.order_id,
                    trailing_bp=leg.trailing_bp,
                ).pack()
            )


def place_untriggered(state: State, market: Market, leg: Leg, order: Order) -> None:
    """Let an order wait for the working one or for its trigger; a trailing stop may begin at once."""
    begins = leg.trailing_bp != 0 and order.trigger_price_ticks == 0 and not leg.is_pending
    if begins:
        begin_trail(market, order, leg.trailing_bp)
    elif leg.trailing_bp:
        market.book.trails[order.order_id] = Trail(leg.trailing_bp)
    if leg.is_pending:
        market.book.hold_back(order)
    else:
        market.book.add_untriggered(order)
    state.register_order(market, order)
    if begins:
        emit_started(state, market, order, market.last_price_ticks)


def cancel_order_list(state: State, command: CancelOrderList) -> None:
    """Cancel the open orders of a list, in any state of the market."""
    # GATE
    account = find_account(state, command.account_id)
    require_canceling(account)
    market = find_market(state, command.market_id)
    named = command.list_id or list_of_client(state, account, command.client_order_id)
    roles = range(OCO_LIMIT, OTOCO_STOP + 1) if list_of(named) == named else ()
    orders = [market.book.find(leg_id(named, role)) for role in roles]
    mine = [order for order in orders if order is not None and order.account_id == account.account_id]
    if not mine:
        raise unknown(RejectCode.order_list_unknown, command.list_id or command.client_order_id)
    # POST EMIT
    cancel_open_orders(state, market, mine, CancelReason.requested)


def list_of_client(state: State, account: Account, client_order_id: int) -> int:
    """Return the list of the open order that has a client's number, 0 for none."""
    order_id = state.by_client.get((account.account_id, client_order_id), 0)
    return list_of(order_id) if is_leg(order_id) else 0
