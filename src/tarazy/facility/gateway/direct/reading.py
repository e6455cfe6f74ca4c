"""A plain new order, read in one go: LIMIT, MARKET and LIMIT_MAKER with the parameters that nearly every one has.

What is not plain, or wrong in any respect, takes the general path, which says what is wrong with it. So nothing is
refused here, and what is read becomes the very command and names that `order_request` makes of it: a test holds the
two against each other.
"""

from __future__ import annotations

from typing import NamedTuple

from tarazy.domain.records import PlaceOrder
from tarazy.facility.gateway.dialect.symbols import Symbols
from tarazy.facility.projections.venue import APPROVAL, VenueTerms
from tarazy.journal.sections import client_order_number
from tarazy.oversight.requests.errors import DialectError
from tarazy.oversight.requests.names import DialectForce, DialectType, ResponseType, Side
from tarazy.oversight.requests.order_requests import DEFAULT_PREVENTION
from tarazy.oversight.requests.parameters import CLIENT_ID
from tarazy.oversight.requests.symbol import Symbol
from tarazy.oversight.requests.timing import AHEAD_MAX_US, MICROSECONDS_FROM, US_PER_MS, WINDOW_MAX_MS, WINDOW_MS

ORDER_NAMES = frozenset(
    ("symbol", "side", "type", "timeInForce", "quantity", "price", "newClientOrderId", "newOrderRespType")
)
NAMES = ORDER_NAMES | {"timestamp", "recvWindow"}
SIDES = {each.name: each.value for each in Side}
FORCES = {each.name: each.value for each in DialectForce}
RESPONSES = {each.name: each for each in ResponseType}
TYPES = {each.name: each.value for each in (DialectType.LIMIT, DialectType.MARKET, DialectType.LIMIT_MAKER)}
LIMIT, MARKET = DialectType.LIMIT.name, DialectType.MARKET.name
FIXED_FORCES = {MARKET: DialectForce.IOC.value, DialectType.LIMIT_MAKER.name: DialectForce.GTC.value}
PREVENTION = DEFAULT_PREVENTION.value
STAMP_DIGITS_MAX, WINDOW_DIGITS_MAX = 19, 6


class PlainOrder(NamedTuple):
    """A new order as it was read: its command of 96 bytes, the client's name of it, and how much is answered."""

    symbol: Symbol
    command: bytes
    client_id: str
    response: ResponseType


def query_values(query: str) -> dict[str, str] | None:
    """Return the parameters of a query in plain ASCII, each named once and none empty; None for any other query."""
    parts = query.split("&")
    if "%" in query or "+" in query or query.count("=") != len(parts) or not query.isascii():
        return None
    try:
        values = dict([part.split("=", 1) for part in parts])
    except ValueError:  # one without a value
        return None
    return values if len(values) == len(parts) and all(values.values()) else None


def deadline_us(values: dict[str, str], now_us: int, first_us: int) -> int | None:
    """Return until when a request is in time, UTC microseconds; None where it is not, or is not plainly said.

    `first_us`: what is stamped before it can have been ordered before this start. Shape: `values` are ASCII texts.
    """
    stamp, window = values.get("timestamp", ""), values.get("recvWindow")
    if not stamp.isdigit() or len(stamp) > STAMP_DIGITS_MAX:
        return None
    stamp_us = int(stamp)
    if stamp_us < MICROSECONDS_FROM:
        stamp_us *= US_PER_MS
    window_ms = WINDOW_MS
    if window is not None:
        if not window.isdigit() or len(window) > WINDOW_DIGITS_MAX:
            return None
        window_ms = int(window)
    until_us = stamp_us + window_ms * US_PER_MS
    in_time = first_us <= stamp_us < now_us + AHEAD_MAX_US and now_us <= until_us
    return until_us if in_time and window_ms <= WINDOW_MAX_MS else None


class PlainOrders:
    """Reads plain orders by the terms of one venue."""

    def __init__(self, venue: VenueTerms, symbols: Symbols) -> None:
        self._venue, self._symbols = venue, symbols

    def read(self, values: dict[str, str], account_id: int, session_id: int, spare_id: str) -> PlainOrder | None:
        """Return an order of an account that bears a session's number; None where it is not a plain one.

        Shape: `values` are ASCII texts, none of them empty.
        """
        kind, client_id = values.get("type", ""), values.get("newClientOrderId", spare_id)
        order_type, side = TYPES.get(kind), SIDES.get(values.get("side", ""))
        response = RESPONSES.get(values.get("newOrderRespType", "ACK" if kind == "LIMIT_MAKER" else "FULL"))
        is_timed, is_priced = kind == LIMIT, kind != MARKET
        force = FORCES.get(values.get("timeInForce", "")) if is_timed else FIXED_FORCES.get(kind)
        if order_type is None or side is None or response is None or force is None:
            return None
        if ("timeInForce" in values) is not is_timed or ("price" in values) is not is_priced:
            return None
        if CLIENT_ID.fullmatch(client_id) is None:
            return None
        try:
            symbol = self._symbols.find(values["symbol"])
            ticks = symbol.ticks_of("price", values["price"]) if is_priced else 0
            lots = symbol.lots_of("quantity", values["quantity"])
        except (DialectError, KeyError):
            return None
        approval_id = self._venue.accounts.rows[account_id][APPROVAL]
        number = client_order_number(client_id)
        names = (PREVENTION, session_id, 0, symbol.market_id, account_id, number)
        command = PlaceOrder(order_type, side, force, *names, ticks, lots, approval_id=approval_id).pack()
        return PlainOrder(symbol, command, client_id, response)
