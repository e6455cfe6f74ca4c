"""A request for an order list becomes one command: OCO, OTO and OTOCO as the venue has them.

The venue's pairs are a post-only order and a stop (docs/concepts/order-lists.md); a take-profit in place of the first
is refused. Lists are good till cancel. The text by which the record refers to a list has the client's names for it and
for its orders, separated by spaces, so together they are at most 128 characters.
"""

from __future__ import annotations

from typing import NamedTuple

from tarazy.domain.records import PlaceOco, PlaceOto, PlaceOtoco
from tarazy.journal.sections import TEXT_BYTES_MAX, client_order_number
from tarazy.oversight.requests.errors import INVALID_ORDER_TYPE, INVALID_PARAMETER, DialectError
from tarazy.oversight.requests.names import LIMIT_TYPES, STOP_TYPES, DialectForce, DialectType, ResponseType, Side
from tarazy.oversight.requests.order_requests import (
    OrderParty,
    OrderRequest,
    read_prevention,
    read_side,
    read_time_in_force,
    read_trigger,
    read_type,
)
from tarazy.oversight.requests.parameters import Parameters
from tarazy.oversight.requests.symbol import Symbol

WORKING_TYPES = (DialectType.LIMIT, DialectType.LIMIT_MAKER)
STOPS = (DialectType.STOP_LOSS, DialectType.STOP_LOSS_LIMIT)
Fields = dict[str, int]


class ListPair(NamedTuple):
    """The two orders of a pair: fields of the command, and the client's names, the post-only order's first."""

    fields: Fields
    limit_id: str
    stop_id: str


LEG_MARKS = {"above": "a", "below": "b", "working": "w", "pending": "p", "pendingAbove": "pa", "pendingBelow": "pb"}


def oco_request(parameters: Parameters, symbol: Symbol, party: OrderParty, spare_id: str) -> OrderRequest:
    """Return the command for a pair of which one order cancels the other.

    Raises: DialectError.
    """
    names = read_list_id(parameters, spare_id)
    side = read_side(parameters, "side")
    lots = symbol.lots_of("quantity", parameters.required("quantity"))
    pair = read_pair(parameters, symbol, side, ("above", "below"), names)
    fields = common(parameters, symbol, party) | {"side": side.value, "quantity_lots": lots} | pair.fields
    return finished(PlaceOco, fields, symbol, party, [names, pair.limit_id, pair.stop_id])


def oto_request(parameters: Parameters, symbol: Symbol, party: OrderParty, spare_id: str) -> OrderRequest:
    """Return the command for a working order and a pending one. Raises: DialectError."""
    names = read_list_id(parameters, spare_id)
    fields = common(parameters, symbol, party) | read_working(parameters, symbol)
    kind = read_type(parameters, "pendingType")
    fields |= read_pending(parameters, symbol, fields["side"]) | {"pending_type": kind.value}
    fields |= read_leg(parameters, symbol, kind, "pending", "pending_price_ticks")
    ids = [leg_id(parameters, leg, names) for leg in ("working", "pending")]
    return finished(PlaceOto, fields, symbol, party, [names, *ids])


def otoco_request(parameters: Parameters, symbol: Symbol, party: OrderParty, spare_id: str) -> OrderRequest:
    """Return the command for a working order and a pending pair. Raises: DialectError."""
    names = read_list_id(parameters, spare_id)
    fields = common(parameters, symbol, party) | read_working(parameters, symbol)
    fields |= read_pending(parameters, symbol, fields["side"])
    side = Side(3 - fields["side"])
    pair = read_pair(parameters, symbol, side, ("pendingAbove", "pendingBelow"), names)
    fields |= pair.fields | {"pending_price_ticks": pair.fields["price_ticks"], "price_ticks": fields["price_ticks"]}
    working_id = leg_id(parameters, "working", names)
    return finished(PlaceOtoco, fields, symbol, party, [names, working_id, pair.limit_id, pair.stop_id])


def common(parameters: Parameters, symbol: Symbol, party: OrderParty) -> Fields:
    """Return what all orders of a list share."""
    prevention = read_prevention(parameters).value
    market = {"market_id": symbol.market_id, "account_id": party.account_id, "approval_id": party.approval_id}
    return {**market, "self_trade_prevention": prevention}


def read_working(parameters: Parameters, symbol: Symbol) -> Fields:
    """Return the working order."""
    kind = read_type(parameters, "workingType")
    if kind not in WORKING_TYPES:
        raise DialectError(INVALID_ORDER_TYPE, "Invalid workingType: expected LIMIT or LIMIT_MAKER.")
    require_gtc(parameters, kind, "workingTimeInForce")
    return {
        "order_type": kind.value,
        "side": read_side(parameters, "workingSide").value,
        "price_ticks": symbol.ticks_of("workingPrice", parameters.required("workingPrice")),
        "quantity_lots": symbol.lots_of("workingQuantity", parameters.required("workingQuantity")),
    }


def read_pending(parameters: Parameters, symbol: Symbol, working_side: int) -> Fields:
    """Return the quantity of what is pending, which is on the other side of the working order."""
    if read_side(parameters, "pendingSide").value == working_side:
        message = "Data sent for parameter 'pendingSide' is not valid: pending orders are on the other side here."
        raise DialectError(INVALID_PARAMETER, message)
    lots = symbol.lots_of("pendingQuantity", parameters.required("pendingQuantity"))
    return {"pending_quantity_lots": lots}


def read_leg(parameters: Parameters, symbol: Symbol, kind: DialectType, leg: str, price_field: str) -> Fields:
    """Return price and trigger of one order of a list; the names of its parameters begin with `leg`."""
    if kind is DialectType.MARKET:
        raise DialectError(INVALID_ORDER_TYPE, f"Invalid {leg}Type: a market order does not wait.")
    fields: Fields = {}
    require_gtc(parameters, kind, f"{leg}TimeInForce")
    if kind in LIMIT_TYPES or kind is DialectType.LIMIT_MAKER:
        fields[price_field] = symbol.ticks_of(f"{leg}Price", parameters.required(f"{leg}Price"))
    else:
        parameters.refuse(f"{leg}Price")
    if kind in STOP_TYPES:
        fields |= read_trigger(parameters, symbol, f"{leg}StopPrice", f"{leg}TrailingDelta")
    else:
        parameters.refuse(f"{leg}StopPrice", f"{leg}TrailingDelta")
    return fields


def read_pair(parameters: Parameters, symbol: Symbol, side: Side, legs: tuple[str, str], list_name: str) -> ListPair:
    """Return a pair: of a sale the post-only order is above and the stop below, of a purchase the other way round."""
    limit, stop = legs if side is Side.SELL else legs[::-1]
    limit_type, stop_type = read_type(parameters, f"{limit}Type"), read_type(parameters, f"{stop}Type")
    if limit_type is not DialectType.LIMIT_MAKER or stop_type not in STOPS:
        expected = f"expected {limit}Type LIMIT_MAKER and {stop}Type STOP_LOSS or STOP_LOSS_LIMIT"
        raise DialectError(INVALID_ORDER_TYPE, f"Invalid orderType: {expected}.")
    fields = read_leg(parameters, symbol, limit_type, limit, "price_ticks")
    fields |= read_leg(parameters, symbol, stop_type, stop, "stop_price_ticks")
    return ListPair(fields, leg_id(parameters, limit, list_name), leg_id(parameters, stop, list_name))


def require_gtc(parameters: Parameters, kind: DialectType, name: str) -> None:
    """Refuse an order of a list that does not stay."""
    if kind in LIMIT_TYPES and read_time_in_force(parameters, kind, name) is not DialectForce.GTC:
        raise DialectError(INVALID_PARAMETER, f"Data sent for parameter '{name}' is not valid: lists are GTC.")
    parameters.text(name)


def read_list_id(parameters: Parameters, spare_id: str) -> str:
    """Return the client's name for the list."""
    return parameters.client_id("listClientOrderId") or spare_id


def leg_id(parameters: Parameters, leg: str, list_name: str) -> str:
    """Return the client's name for one order; one without gets a part of the list's name and its place.

    Three of these, and a list's name of any length, fit into the text that the record keeps.
    """
    return parameters.client_id(f"{leg}ClientOrderId") or f"{list_name[:24]}-{LEG_MARKS[leg]}"


def finished(record: type, fields: Fields, symbol: Symbol, party: OrderParty, names: list[str]) -> OrderRequest:
    """Return the request for a list; its names together are the text that the record keeps."""
    text = " ".join(names)
    if len(text) > TEXT_BYTES_MAX:
        message = f"The client order ids of a list are together at most {TEXT_BYTES_MAX - len(names) + 1} characters."
        raise DialectError(INVALID_PARAMETER, message)
    command = record(**fields, client_order_id=client_order_number(text))
    return OrderRequest(symbol, party, command, names[0], text, ResponseType.FULL)
