"""What a session of orders asks for, message by message. Each becomes what the REST endpoints are made of.

A request that the venue takes is answered by the reports that its command brings about, which come from the record
once it is durable, to all sessions of the account; only what is refused is answered here. A session of acknowledgements
alone (ResponseMode 2) is told no reports: there the answer is made from the command's own events.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from enum import Enum
from typing import NamedTuple, Protocol

from tarazy.facility.accounts.api_keys import READ, TRADE
from tarazy.facility.feeds.users.messages import list_status as user_list_status
from tarazy.facility.gateway.account_reads import ListRow
from tarazy.facility.gateway.dialect.order_view import OrderView
from tarazy.facility.gateway.endpoint import GatewayRequest, accepted
from tarazy.facility.gateway.fix.logon import LogonTerms
from tarazy.facility.gateway.fix.message import ClientMessage, MessageBody
from tarazy.facility.gateway.fix.order_values import Values, in_our_words, list_values, order_values
from tarazy.facility.gateway.fix.reports import FORCES, TYPES, list_status, order_refused, why
from tarazy.facility.gateway.fix.session import Fields, FixSession
from tarazy.facility.gateway.gateway import Gateway
from tarazy.facility.gateway.limits import LimitWindow
from tarazy.facility.gateway.routes.order_lists import found as find_list
from tarazy.facility.gateway.routes.orders import (
    enter_amend,
    enter_cancel,
    enter_cancel_all,
    find,
    order_now,
    view_of,
)
from tarazy.facility.projections.orders import OPEN
from tarazy.oversight.requests.errors import (
    AMEND_REJECTED,
    CANCEL_REJECTED,
    MANDATORY_MISSING,
    NO_SUCH_ORDER,
    UNKNOWN_OUTCOME,
    DialectError,
)
from tarazy.oversight.requests.list_requests import oco_request, oto_request, otoco_request
from tarazy.oversight.requests.names import FORCE_WORDS, TYPE_WORDS
from tarazy.oversight.requests.order_requests import order_request

LISTS = {"oco": (oco_request, 2), "oto": (oto_request, 2), "otoco": (otoco_request, 3)}
RESOLUTIONS = {"SECOND": "s", "MINUTE": "m", "DAY": "d"}
AMENDABLE = ((40, "OrdType"), (54, "Side"), (59, "TimeInForce"))


class Asking(Protocol):
    """Who asks: a client on its session."""

    session: FixSession
    terms: LogonTerms
    gateway: Gateway
    window: LimitWindow
    acks_only: bool

    def asked(self, message: ClientMessage, values: Values, scope: str, *, weight: int = 0) -> GatewayRequest:
        """Return a message as the endpoints are asked. Raises: DialectError, FixFieldError."""

    def naming(self, number: int, name: str) -> AbstractContextManager[None]:
        """Let the reports of a request about an order, or a list, bear the request's own name."""

    def tell(self, view: OrderView, execution: str, seq: int, ts_ns: int, names: tuple[str, str] | None = None) -> None:
        """Answer with an order as it is."""

    def tell_status(self, view: OrderView, question: str = "") -> None:
        """Answer a question about an order."""


class ReplaceMode(Enum):
    """What a replacement does where its cancel fails."""

    STOP_ON_FAILURE = "1"
    ALLOW_FAILURE = "2"


async def new_order(trader: Asking, message: ClientMessage) -> None:
    """D: place an order. One that may be known already is looked for first, and told as it is."""
    fields = message.body.fields
    if message.may_be_known and await told_again(trader, message, fields[11]):
        return
    await place(trader, trader.asked(message, order_values(message.body), TRADE))


async def place(trader: Asking, asked: GatewayRequest) -> None:
    """Order a new order."""
    request = order_request(asked.parameters, asked.symbol(), asked.party, asked.spare_id)
    ordered = await asked.order(request.command, request.reference, orders=1, ClOrdID=request.client_id)
    if trader.acks_only:
        trader.tell(view_of(request, ordered), "NEW", ordered.first_seq, ordered.ts_ns)
    else:
        accepted(ordered)


async def told_again(trader: Asking, message: ClientMessage, name: str) -> bool:
    """Tell how an order stands that has this name; return whether there is one."""
    values = {"symbol": message.body.fields[55], "origClientOrderId": name}
    asked = trader.asked(message, values, TRADE)
    try:
        view = await find(asked, asked.symbol())
    except DialectError as error:
        if error.code != NO_SUCH_ORDER:
            raise
        return False
    trader.tell_status(view)
    return True


def names(fields: dict[int, str], name_tag: int = 41) -> Values:
    """Return the parameters that name an order. Raises: DialectError."""
    values = {"symbol": fields[55]}
    for tag, name in ((37, "orderId"), (name_tag, "origClientOrderId")):
        if tag in fields:
            values[name] = fields[tag]
    if len(values) == 1:
        raise DialectError(MANDATORY_MISSING, f"Mandatory parameter 'OrderID (37)' or tag {name_tag} was not sent.")
    return values


async def cancel_order(trader: Asking, message: ClientMessage) -> None:
    """F: cancel an order, with its list where it has one, or a list."""
    fields = message.body.fields
    if 66 in fields or 25015 in fields:
        asked = trader.asked(message, {"symbol": fields[55]}, TRADE)
        symbol = asked.symbol()
        term = {"list_id": int(fields[66])} if 66 in fields else {"client_id": fields[25015]}
        row = await find_list(asked, CANCEL_REJECTED, **term)
        view = row.orders[0]
        if view.symbol.market_id != symbol.market_id:
            raise DialectError(CANCEL_REJECTED, "Unknown order sent.")
    else:
        asked = trader.asked(message, names(fields), TRADE)
        view = await find(asked, asked.symbol(), code=CANCEL_REJECTED)
    await cancel(trader, asked, view, fields[11])


async def cancel(trader: Asking, asked: GatewayRequest, view: OrderView, name: str) -> None:
    """Order a cancel that the client calls by a name."""
    with trader.naming(view.list_id or view.order_id, name):
        ordered = await enter_cancel(asked, view)
    if trader.acks_only:
        left = await order_now(asked, view)
        trader.tell(left, "CANCELED", ordered.first_seq, ordered.ts_ns, (name, left.client_id))


async def replace_order(trader: Asking, message: ClientMessage) -> None:
    """G: change an order's quantity or price; a smaller quantity at the same price keeps its place."""
    fields = message.body.fields
    asked = trader.asked(message, names(fields), TRADE)
    symbol = asked.symbol()
    view = await find(asked, symbol, code=AMEND_REJECTED)
    check_same(fields, view)
    lots = symbol.lots_of("quantity", fields[38]) if 38 in fields else view.quantity_lots
    ticks = symbol.ticks_of("price", fields[44]) if 44 in fields else view.price_ticks
    await amend(trader, asked, view, fields[11], lots, 0 if ticks == view.price_ticks else ticks)


async def amend_order(trader: Asking, message: ClientMessage) -> None:
    """XAK: make an order smaller; it keeps its place."""
    fields = message.body.fields
    asked = trader.asked(message, names(fields), TRADE)
    symbol = asked.symbol()
    view = await find(asked, symbol, code=AMEND_REJECTED)
    lots = symbol.lots_of("newQty", fields[38])
    if lots >= view.quantity_lots:
        raise DialectError(AMEND_REJECTED, "The new quantity must be below the order's: a larger one loses its place.")
    await amend(trader, asked, view, fields[11], lots, 0)


def check_same(fields: dict[int, str], view: OrderView) -> None:
    """Raise DialectError where a replacement names other terms than the order has."""
    kind, side = TYPES.get(TYPE_WORDS[view.order_type], ""), str(view.side)
    found = {40: kind, 54: side, 59: FORCES.get(FORCE_WORDS[view.time_in_force], "")}
    for tag, name in AMENDABLE:
        if tag in fields and fields[tag] != found[tag]:
            raise DialectError(AMEND_REJECTED, f"{name} ({tag}) of an order cannot change: expected {found[tag]}.")


async def amend(trader: Asking, asked: GatewayRequest, view: OrderView, name: str, lots: int, price_ticks: int) -> None:
    """Order a change that the client calls by a name."""
    with trader.naming(view.order_id, name):
        ordered = await enter_amend(asked, view, lots, price_ticks)
    if trader.acks_only:
        left = await order_now(asked, view)
        trader.tell(left, "REPLACED", ordered.first_seq, ordered.ts_ns, (name, left.client_id))


async def mass_cancel(trader: Asking, message: ClientMessage) -> None:
    """q: cancel all orders of a market."""
    fields = message.body.fields
    asked = trader.asked(message, {"symbol": fields[55]}, TRADE)
    _, numbers = await enter_cancel_all(asked, asked.symbol())
    answer: Fields = [(55, fields[55]), (11, fields[11]), (530, fields[530]), (531, "1"), (533, len(numbers))]
    trader.session.send("r", answer)


async def order_status(trader: Asking, message: ClientMessage) -> None:
    """H: tell how an order stands."""
    fields = message.body.fields
    asked = trader.asked(message, names(fields, 11), READ, weight=4)
    trader.tell_status(await find(asked, asked.symbol()), fields.get(790, ""))


async def cancel_and_new(trader: Asking, message: ClientMessage) -> None:
    """XCN: cancel an order, then place another; each is answered for itself."""
    fields = message.body.fields
    if message.may_be_known and await told_again(trader, message, fields[11]):
        return
    values = order_values(message.body)
    trader.gateway.require_confirmed(trader.terms.key.account_id)  # before anything is canceled
    asked = trader.asked(message, names({tag: text for tag, text in fields.items() if tag in (37, 41, 55)}), TRADE)
    try:
        view = await find(asked, asked.symbol(), code=CANCEL_REJECTED)
        await cancel(trader, asked, view, fields.get(25034, fields[11]))
    except DialectError as error:
        if error.code == UNKNOWN_OUTCOME:
            raise
        trader.session.send("9", cancel_refused(message, in_our_words(error)))
        if ReplaceMode(fields[25033]) is ReplaceMode.STOP_ON_FAILURE:
            return
    await place(trader, trader.asked(message, values, TRADE))


async def new_list(trader: Asking, message: ClientMessage) -> None:
    """E: place an order list."""
    name, values = list_values(message.body)
    make, orders = LISTS[name]
    asked = trader.asked(message, values, TRADE)
    request = make(asked.parameters, asked.symbol(), asked.party, asked.spare_id)
    ordered = await asked.order(request.command, request.reference, orders=orders, ClListID=request.client_id)
    accepted(ordered)
    if trader.acks_only:
        row = await find_list(asked, list_id=ordered.first_seq)
        trader.session.send("N", list_status(list_plain(row)))


def list_plain(row: ListRow) -> dict[str, object]:
    """Return a list as user data streams have it."""
    views = list(row.orders)
    is_done = all(view.status != OPEN for view in views)
    last_ns = max(view.last_ns for view in views)
    terms = (row.list_id, row.list_kind, row.client_id, views, last_ns)
    return user_list_status(views[0].symbol, *terms, is_done=is_done)


async def limit_query(trader: Asking, message: ClientMessage) -> None:
    """XLQ: tell what is used of the limits."""
    trader.asked(message, {}, READ)
    limits, account_id = trader.gateway.limits, trader.terms.key.account_id
    rows: list[tuple[str, LimitWindow, str | int]] = [("2", trader.window, "session")]
    rows += [("1", window, account_id) for window in (limits.orders_short, limits.orders_day)]
    answer: Fields = [(6136, message.body.fields[6136]), (25003, len(rows))]
    for kind, window, who in rows:
        answer += limit_fields(kind, window, who)
    trader.session.send("XLR", answer)


def limit_fields(kind: str, window: LimitWindow, who: str | int) -> Fields:
    """Return one limit."""
    limit = window.limit
    used: Fields = [(25004, kind), (25005, window.count(who)), (25006, limit.limit)]
    return [*used, (25007, limit.number), (25008, RESOLUTIONS[limit.interval])]


# ------------------------------------------------------------ refusals


def refuse_order(message: ClientMessage, error: DialectError) -> Fields:
    """Answer a new order that was refused."""
    return order_refused(message.body, error)


def refuse_status(message: ClientMessage, error: DialectError) -> Fields:
    """Answer a question about an order that is none."""
    fields = message.body.fields
    asked = MessageBody({tag: text for tag, text in fields.items() if tag in (54, 55)})
    return order_refused(asked, error, fields.get(11, fields.get(37, "")))


def cancel_refused(message: ClientMessage, error: DialectError) -> Fields:
    """Answer a cancel or a replacement that was refused."""
    fields = message.body.fields
    name = fields.get(25034, fields[11])
    echoed: Fields = [(tag, fields[tag]) for tag in (41, 37, 25015, 66) if tag in fields]
    return [(11, name), *echoed, (55, fields[55]), (434, "2" if message.kind == "G" else "1"), *why(error)]


def refuse_amend(message: ClientMessage, error: DialectError) -> Fields:
    """Answer an amendment that was refused."""
    fields = message.body.fields
    return [*((tag, fields[tag]) for tag in (11, 41, 37, 55, 38) if tag in fields), *why(error)]


def refuse_mass_cancel(message: ClientMessage, error: DialectError) -> Fields:
    """Answer a mass cancel that was refused."""
    fields = message.body.fields
    return [(55, fields[55]), (11, fields[11]), (530, fields[530]), (531, "0"), (532, 99), *why(error)]


def refuse_list(message: ClientMessage, error: DialectError) -> Fields:
    """Answer an order list that was refused."""
    fields = message.body.fields
    return [(25014, fields[25014]), (1385, fields[1385]), (429, 2), (431, 7), (1386, 99), *why(error)]


class Answering(NamedTuple):
    """How a message is handled; the type of its refusal, and what that says. `enters_at_once`: before it waits."""

    handle: Callable[[Asking, ClientMessage], Awaitable[None]]
    refusal: str
    refuse: Callable[[ClientMessage, DialectError], Fields]
    enters_at_once: bool = False


ORDER_MESSAGES = {
    "D": Answering(new_order, "8", refuse_order, True),
    "E": Answering(new_list, "N", refuse_list),
    "F": Answering(cancel_order, "9", cancel_refused),
    "G": Answering(replace_order, "9", cancel_refused),
    "H": Answering(order_status, "8", refuse_status),
    "q": Answering(mass_cancel, "r", refuse_mass_cancel),
    "XAK": Answering(amend_order, "XAR", refuse_amend),
    "XCN": Answering(cancel_and_new, "8", refuse_order),
}
COPY_MESSAGES = {"H": ORDER_MESSAGES["H"]}
QUERIES = {"XLQ": limit_query}
