"""Fields of FIX become the parameters that the dialect's endpoints read: one way from a request to a command.

Which fields make which type of order: binance/binance-spot-api-docs, fix-api.md, "Supported Order Types" and "Supported
Order List Types".
"""

from __future__ import annotations

import re

from tarazy.facility.gateway.fix.message import MessageBody
from tarazy.facility.gateway.fix.reports import FORCES, PREVENTIONS, SIDES
from tarazy.oversight.requests.errors import (
    INVALID_ORDER_TYPE,
    INVALID_PARAMETER,
    INVALID_TIME_IN_FORCE,
    MANDATORY_MISSING,
    DialectError,
)

Values = dict[str, str]
SIDE_WORDS = {number: word for word, number in SIDES.items()}
FORCE_WORDS = {number: word for word, number in FORCES.items() if word in ("GTC", "IOC", "FOK")}
PREVENTION_WORDS = {number: word for word, number in PREVENTIONS.items()}
FIELD_NAMES = {
    "symbol": "Symbol (55)",
    "side": "Side (54)",
    "type": "OrdType (40)",
    "quantity": "OrderQty (38)",
    "newQty": "OrderQty (38)",
    "price": "Price (44)",
    "timeInForce": "TimeInForce (59)",
    "icebergQty": "MaxFloor (111)",
    "quoteOrderQty": "CashOrderQty (152)",
    "stopPrice": "TriggerPrice (1102)",
    "trailingDelta": "TriggerTrailingDeltaBips (25009)",
    "selfTradePreventionMode": "SelfTradePreventionMode (25001)",
    "newClientOrderId": "ClOrdID (11)",
    "orderId": "OrderID (37)",
    "origClientOrderId": "OrigClOrdID (41)",
    "cancelOrderId": "OrderID (37)",
    "cancelOrigClientOrderId": "OrigClOrdID (41)",
    "timestamp": "SendingTime (52)",
    "recvWindow": "RecvWindow (25000)",
    "listClientOrderId": "ClListID (25014)",
    "orderListId": "ListID (66)",
}
QUOTED = re.compile(r"'(\w+)'")
TERMS = {
    38: "quantity",
    44: "price",
    111: "icebergQty",
    152: "quoteOrderQty",
    1102: "stopPrice",
    25009: "trailingDelta",
}


def in_our_words(error: DialectError) -> DialectError:
    """Return an error that names fields instead of parameters."""
    error.message = QUOTED.sub(lambda found: f"'{FIELD_NAMES.get(found[1], found[1])}'", error.message)
    return error


def order_values(asked: MessageBody) -> Values:
    """Return the parameters of a new order. Raises: DialectError."""
    fields = asked.fields
    values = {"symbol": fields[55], "newClientOrderId": fields[11], "side": SIDE_WORDS[fields[54]]}
    values |= {"type": type_of(asked), "newOrderRespType": "RESULT"} | prevention(fields)
    values |= {name: fields[tag] for tag, name in TERMS.items() if tag in fields}
    return values | force_values(asked, "timeInForce")


def prevention(fields: dict[int, str]) -> Values:
    """Return the mode of self-trade prevention where one was named."""
    return {"selfTradePreventionMode": PREVENTION_WORDS[fields[25001]]} if 25001 in fields else {}


def force_values(asked: MessageBody, name: str) -> Values:
    """Return how long an order stays; GTC of a post-only order goes without saying. Raises: DialectError."""
    found = asked.fields.get(59)
    if found is None or (found == "1" and asked.fields.get(18) == "6"):
        return {}
    if found not in FORCE_WORDS:
        raise DialectError(INVALID_TIME_IN_FORCE, "Invalid TimeInForce (59): expected 1, 3 or 4.")
    return {name: FORCE_WORDS[found]}


def type_of(asked: MessageBody) -> str:
    """Return an order's type in the dialect's word. Raises: DialectError."""
    fields = asked.fields
    kind, side = fields[40], fields[54]
    if kind in "12":
        if fields.get(18) == "6" and kind == "1":
            raise DialectError(INVALID_ORDER_TYPE, "A market order always takes: ExecInst (18) 6 is for limit orders.")
        return "MARKET" if kind == "1" else "LIMIT_MAKER" if fields.get(18) == "6" else "LIMIT"
    direction = fields.get(1109)
    if direction is None and 1102 in fields:
        message = "Mandatory parameter 'TriggerPriceDirection (1109)' was not sent, was empty/null, or malformed."
        raise DialectError(MANDATORY_MISSING, message)
    is_stop = (side, direction) in (("1", "U"), ("2", "D"))
    return ("STOP_LOSS" if is_stop else "TAKE_PROFIT") + ("_LIMIT" if kind == "4" else "")


def list_values(asked: MessageBody) -> tuple[str, Values]:
    """Return which list is wanted, and its parameters. Raises: DialectError."""
    legs = asked.groups.get(73, [])
    contingency, count = asked.fields[1385], len(legs)
    name = {("1", 2): "oco", ("2", 2): "oto", ("2", 3): "otoco"}.get((contingency, count))
    if name is None:
        message = f"Expected ContingencyType 1 with 2 orders, or 2 with 2 or 3; found {contingency} with {count}."
        raise DialectError(INVALID_PARAMETER, message)
    if len({leg.fields[55] for leg in legs}) > 1:
        raise DialectError(INVALID_PARAMETER, "Expected one Symbol (55) for all orders of a list.")
    first = legs[0].fields
    values = {"symbol": first[55], "listClientOrderId": asked.fields[25014], **prevention(first)}
    if name == "oco":
        values |= shared(legs, "side", "quantity") | leg_values(legs[0], "below") | leg_values(legs[1], "above")
        return name, values
    values |= leg_values(legs[0], "working") | shared(legs[:1], "workingSide", "workingQuantity")
    values |= shared(legs[1:], "pendingSide", "pendingQuantity")
    if name == "oto":
        return name, values | leg_values(legs[1], "pending")
    return name, values | leg_values(legs[1], "pendingBelow") | leg_values(legs[2], "pendingAbove")


def shared(legs: list[MessageBody], side_name: str, quantity_name: str) -> Values:
    """Return side and quantity, which orders of a pair share. Raises: DialectError."""
    sides, quantities = {leg.fields[54] for leg in legs}, {leg.fields.get(38) for leg in legs}
    if len(sides) > 1 or len(quantities) > 1 or None in quantities:
        raise DialectError(INVALID_PARAMETER, "Expected one Side (54) and one OrderQty (38) for the orders of a pair.")
    return {side_name: SIDE_WORDS[sides.pop()], quantity_name: quantities.pop() or ""}


def leg_values(leg: MessageBody, prefix: str) -> Values:
    """Return the parameters of one order of a list. Raises: DialectError."""
    fields = leg.fields
    values = {f"{prefix}Type": type_of(leg), f"{prefix}ClientOrderId": fields[11]}
    for tag, name in ((44, "Price"), (1102, "StopPrice"), (25009, "TrailingDelta"), (111, "IcebergQty")):
        if tag in fields:
            values[f"{prefix}{name}"] = fields[tag]
    return values | force_values(leg, f"{prefix}TimeInForce")
