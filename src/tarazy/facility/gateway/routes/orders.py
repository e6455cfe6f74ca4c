"""One order at a time: place, test, query, cancel, cancel and replace, amend; and all open orders of a market."""

from __future__ import annotations

from enum import Enum
from typing import Any

from tarazy.domain.records import (
    CancelAll,
    OrderAccepted,
    OrderAmended,
    OrderCanceled,
)
from tarazy.facility.gateway.dialect.list_view import list_plain
from tarazy.facility.gateway.dialect.order_view import NS_PER_MS, OrderView, accepted_view, apply_events
from tarazy.facility.gateway.dialect.refusals import refusal_of
from tarazy.facility.gateway.endpoint import Endpoint, GatewayRequest, Security, accepted
from tarazy.facility.gateway.list_preview import refused_by_rules
from tarazy.facility.gateway.order_entry import Ordered
from tarazy.facility.gateway.rates import rate_text, rates_of
from tarazy.oversight.requests.cancel_requests import amend_of, cancel_of, meant_order
from tarazy.oversight.requests.errors import (
    AMEND_REJECTED,
    BAD_CANCEL_RESTRICTIONS,
    CANCEL_REJECTED,
    NO_SUCH_ORDER,
    DialectError,
)
from tarazy.oversight.requests.names import ResponseType
from tarazy.oversight.requests.order_requests import OrderRequest, order_request
from tarazy.oversight.requests.symbol import Symbol

# What questions weigh: rest-api.md, "Current open orders" and "Test new order".
OPEN_WEIGHT, ALL_OPEN_WEIGHT, RATES_WEIGHT = 6, 80, 20


class CancelRestriction(Enum):
    """In which state an order must be for a cancel of it to be wanted."""

    ONLY_NEW = "NEW"
    ONLY_PARTIALLY_FILLED = "PARTIALLY_FILLED"


async def new_order(asked: GatewayRequest) -> Any:
    """Place an order."""
    return await place(asked, order_request(asked.parameters, asked.symbol(), asked.party, asked.spare_id))


async def place(asked: GatewayRequest, request: OrderRequest, *, is_counted: bool = False) -> dict[str, Any]:
    """Order a new order; answer as much as is wanted.

    Raises: DialectError.
    """
    orders = 0 if is_counted else 1
    ordered = await asked.order(request.command, request.reference, orders=orders, origClientOrderId=request.client_id)
    return await placed_plain(asked, request, ordered)


async def placed_plain(asked: GatewayRequest, request: OrderRequest, ordered: Ordered) -> dict[str, Any]:
    """Return as much of a new order as is wanted.

    Raises: DialectError with the venue's refusal.
    """
    view = view_of(request, ordered)
    if request.response is ResponseType.ACK:
        return {**view.names(), "transactTime": ordered.ts_ns // NS_PER_MS}
    if view.fills and request.response is ResponseType.FULL:
        market_id = view.symbol.market_id
        view.number_fills(await asked.gateway.trade_numbers(asked.account_id, market_id, ordered.first_seq))
    return view.placed(full=request.response is ResponseType.FULL)


def view_of(request: OrderRequest, ordered: Ordered) -> OrderView:
    """Return a new order as the events of its command leave it.

    Raises: DialectError with the venue's refusal.
    """
    events = accepted(ordered)
    event = next(e for e in events if isinstance(e, OrderAccepted) and e.order_id == ordered.first_seq)
    waits = event.trigger_price_ticks or getattr(request.command, "trailing_bp", 0)
    view = accepted_view(
        request.symbol,
        event,
        request.client_id,
        ordered.ts_ns,
        list_id=0,
        cash_order_quantity_minor=getattr(request.command, "cash_order_quantity_minor", 0),
        trailing_bp=getattr(request.command, "trailing_bp", 0),
        working_ns=0 if waits else ordered.ts_ns,
        is_waiting=bool(waits),
    )
    return apply_events(view, events, ordered.ts_ns)


async def test_order(asked: GatewayRequest) -> Any:
    """Check a new order against its symbol's filters without ordering it; with computeCommissionRates say its rates.

    What the account holds is not looked at, as in the dialect: only what would refuse the order of anybody.
    """
    with_rates = asked.parameters.flag("computeCommissionRates", False)
    request = order_request(asked.parameters, asked.symbol(), asked.party, asked.spare_id)
    asked.parameters.finish()
    asked.charge(RATES_WEIGHT - 1 if with_rates else 0)
    market_id, venue = request.symbol.market_id, asked.gateway.models.venue
    last = asked.gateway.views.last_trade(market_id)
    refused = refused_by_rules(venue, request, last.price_ticks if last else 0)
    if refused is not None:
        raise refusal_of(refused.code, refused.expected, refused.found)
    if not with_rates:
        return {}
    rates = rates_of(venue, asked.account_id, market_id)
    found = {"maker": rate_text(rates.maker_ppm), "taker": rate_text(rates.taker_ppm)}
    return {"standardCommissionForOrder": found}


async def find(asked: GatewayRequest, symbol: Symbol, prefix: str = "", code: int = NO_SUCH_ORDER) -> OrderView:
    """Return the account's order that a request names by its number or by the client's id.

    Raises: DialectError where it names none, or there is none in this market.
    """
    number, client_id = meant_order(asked.parameters, prefix)
    reads = asked.gateway.reads
    if number is not None:
        found = await asked.gateway.read(asked.account_id, lambda: reads.order(asked.account_id, number))
    else:
        name = client_id or ""
        market_id = symbol.market_id
        found = await asked.gateway.read(asked.account_id, lambda: reads.named(asked.account_id, name, market_id))
    is_it = found is not None and found.symbol.market_id == symbol.market_id
    if found is None or not is_it or (client_id is not None and found.client_id != client_id):
        message = "Order does not exist." if code == NO_SUCH_ORDER else "Unknown order sent."
        raise DialectError(code, message)
    return found


async def query_order(asked: GatewayRequest) -> Any:
    """Return one order."""
    found = await find(asked, asked.symbol())
    asked.parameters.finish()
    return found.queried()


async def cancel_order(asked: GatewayRequest) -> Any:
    """Cancel an order; with it the whole list of one that belongs to a list."""
    symbol = asked.symbol()
    client_id = asked.parameters.client_id("newClientOrderId") or asked.spare_id
    restriction = read_restriction(asked)
    view = await find(asked, symbol, code=CANCEL_REJECTED)
    check_restriction(view, restriction)
    return await cancel(asked, view, client_id)


def read_restriction(asked: GatewayRequest) -> CancelRestriction | None:
    """Return in which state alone a cancel is wanted, None for any."""
    message = "`cancelRestrictions` has to be either `ONLY_NEW` or `ONLY_PARTIALLY_FILLED`."
    return asked.parameters.choice("cancelRestrictions", CancelRestriction, None, BAD_CANCEL_RESTRICTIONS, message)


def check_restriction(view: OrderView, restriction: CancelRestriction | None) -> None:
    """Refuse to cancel an order in another state than is wanted.

    Known limit: the state is that of the read models, behind all that this account was told; a fill that is under way
    is not seen.
    """
    if restriction is not None and view.status_word != restriction.value:
        message = "Order was not canceled due to cancel restrictions."
        raise DialectError(CANCEL_REJECTED, message, found=view.status_word)


def cancel_command(asked: GatewayRequest, view: OrderView) -> Any:
    """Return the command that cancels an order; an order of a list takes the list with it."""
    return cancel_of(view.symbol.market_id, asked.account_id, view.order_id)


async def enter_cancel(asked: GatewayRequest, view: OrderView) -> Ordered:
    """Order that a known order is canceled, with its list where it has one. Raises: DialectError."""
    ordered = await asked.order(cancel_command(asked, view), origClientOrderId=view.client_id)
    accepted(ordered, CANCEL_REJECTED)
    return ordered


async def cancel(asked: GatewayRequest, view: OrderView, client_id: str) -> dict[str, Any]:
    """Cancel a known order and return what is left of it."""
    ordered = await enter_cancel(asked, view)
    return await canceled_plain(asked, view, client_id, ordered.ts_ns)


async def canceled_plain(asked: GatewayRequest, view: OrderView, client_id: str, ts_ns: int) -> dict[str, Any]:
    """Return what is left of an order, or of its list, after it was canceled."""
    if view.list_id:
        row = await asked.read(asked.gateway.reads.order_list, asked.account_id, list_id=view.list_id)
        return list_plain(row, with_reports=True) if row is not None else {}
    left = await order_now(asked, view)
    return left.canceled(client_id, ts_ns)


async def order_now(asked: GatewayRequest, view: OrderView) -> OrderView:
    """Return a known order as it is now."""
    return await asked.read(asked.gateway.reads.order, asked.account_id, view.order_id) or view


async def open_orders(asked: GatewayRequest) -> Any:
    """Return the open orders of one market or of all."""
    symbol = asked.optional_symbol()
    asked.charge(0 if symbol is not None else ALL_OPEN_WEIGHT - OPEN_WEIGHT)
    market_id = symbol.market_id if symbol is not None else None
    found = await asked.read(asked.gateway.reads.open_orders, asked.account_id, market_id)
    return [view.queried() for view in found]


async def enter_cancel_all(asked: GatewayRequest, symbol: Symbol) -> tuple[Ordered, list[int]]:
    """Cancel all open orders of a market; return their numbers. Raises: DialectError, also where there is none."""
    ordered = await asked.order(CancelAll(market_id=symbol.market_id, account_id=asked.account_id))
    events, account_id = accepted(ordered, CANCEL_REJECTED), asked.account_id
    numbers = [e.order_id for e in events if isinstance(e, OrderCanceled) and e.account_id == account_id]
    if not numbers:
        raise DialectError(CANCEL_REJECTED, "Unknown order sent.")
    return ordered, numbers


async def cancel_open_orders(asked: GatewayRequest) -> Any:
    """Cancel all open orders of a market."""
    ordered, numbers = await enter_cancel_all(asked, asked.symbol())
    account_id, reads = asked.account_id, asked.gateway.reads
    found = await asked.read(lambda: [reads.order(account_id, number) for number in numbers])
    views = [view for view in found if view is not None]
    lists = {view.list_id for view in views if view.list_id}
    rows = await asked.read(lambda: [reads.order_list(account_id, list_id=each) for each in sorted(lists)])
    singles = [view.canceled(asked.spare_id, ordered.ts_ns) for view in views if not view.list_id]
    return [*singles, *(list_plain(row, with_reports=True) for row in rows if row is not None)]


async def all_orders(asked: GatewayRequest) -> Any:
    """Return orders of a market, whatever became of them."""
    symbol, parameters = asked.symbol(), asked.parameters
    found = await asked.read(
        asked.gateway.reads.orders,
        asked.account_id,
        symbol.market_id,
        parameters.count("limit", 500, 1_000),
        from_order_id=parameters.integer("orderId"),
        start_ns=time_ns(asked, "startTime"),
        end_ns=time_ns(asked, "endTime"),
    )
    return [view.queried() for view in found]


def time_ns(asked: GatewayRequest, name: str) -> int | None:
    """Return a time of a question, which counts in milliseconds, in nanoseconds; the end is the end of its one."""
    found = asked.parameters.integer(name, high=(1 << 63) // NS_PER_MS)
    if found is None:
        return None
    return found * NS_PER_MS + (NS_PER_MS - 1 if name == "endTime" else 0)


async def enter_amend(asked: GatewayRequest, view: OrderView, lots: int, price_ticks: int = 0) -> Ordered:
    """Order that a known order has another quantity, or price; 0 keeps the price. Raises: DialectError.

    One that becomes larger, or has another price, is let in and counted like a new order.
    """
    command = amend_of(view.symbol.market_id, asked.account_id, view.order_id, lots, price_ticks)
    orders = int(price_ticks != 0 or lots > view.quantity_lots)
    ordered = await asked.order(command, orders=orders, origClientOrderId=view.client_id)
    events = accepted(ordered, AMEND_REJECTED)
    assert any(isinstance(event, OrderAmended) for event in events)  # noqa: S101 - not refused
    return ordered


async def amend_keeping_priority(asked: GatewayRequest) -> Any:
    """Make an order smaller; it keeps its place in the queue, and its name."""
    symbol = asked.symbol()
    view = await find(asked, symbol, code=AMEND_REJECTED)
    lots = symbol.lots_of("newQty", asked.parameters.required("newQty"))
    name = asked.parameters.client_id("newClientOrderId")
    if name not in (None, view.client_id):
        raise DialectError(AMEND_REJECTED, "An amended order keeps its client order id.", advice="Leave it out.")
    if lots >= view.quantity_lots:
        raise DialectError(AMEND_REJECTED, "The new quantity must be below the order's: a larger one loses its place.")
    ordered = await enter_amend(asked, view, lots)
    amended = await order_now(asked, view)
    times = {"transactTime": ordered.ts_ns // NS_PER_MS, "executionId": ordered.first_seq}
    return {**times, "amendedOrder": amended.queried()}


ENDPOINTS = {
    ("POST", "/api/v3/order"): Endpoint(new_order, Security.TRADE, is_order=True),
    ("GET", "/api/v3/order"): Endpoint(query_order, Security.READ, 4),
    ("DELETE", "/api/v3/order"): Endpoint(cancel_order, Security.TRADE, is_order=True),
    ("POST", "/api/v3/order/test"): Endpoint(test_order, Security.TRADE),
    ("PUT", "/api/v3/order/amend/keepPriority"): Endpoint(amend_keeping_priority, Security.TRADE, 4, is_order=True),
    ("GET", "/api/v3/openOrders"): Endpoint(open_orders, Security.READ, OPEN_WEIGHT),
    ("DELETE", "/api/v3/openOrders"): Endpoint(cancel_open_orders, Security.TRADE, is_order=True),
    ("GET", "/api/v3/allOrders"): Endpoint(all_orders, Security.READ, 20),
}
