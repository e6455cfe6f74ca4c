"""A request for an order becomes one command: a pure function of parameters, symbol and account.

What the dialect asks of each type: binance/binance-spot-api-docs, rest-api.md, "New order". Not taken: strategies,
pegged prices, and the prevention mode NONE, which would let an owner trade with itself.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tarazy.domain.records import PlaceOrder, PlaceTrailingStop
from tarazy.journal.sections import client_order_number
from tarazy.oversight.requests.errors import (
    INVALID_ORDER_TYPE,
    INVALID_PARAMETER,
    INVALID_SIDE,
    INVALID_TIME_IN_FORCE,
    UNSUPPORTED_OPERATION,
    DialectError,
)
from tarazy.oversight.requests.names import (
    LIMIT_TYPES,
    STOP_TYPES,
    DialectForce,
    DialectPrevention,
    DialectType,
    ResponseType,
    Side,
)
from tarazy.oversight.requests.parameters import Parameters, missing
from tarazy.oversight.requests.symbol import Symbol

GTC, IOC = DialectForce.GTC, DialectForce.IOC
DEFAULT_PREVENTION = DialectPrevention.EXPIRE_MAKER
PEGGED, STRATEGY = "orders are not pegged here", "orders do not carry strategies here"
NOT_HERE = {
    "pegPriceType": PEGGED,
    "pegOffsetValue": PEGGED,
    "pegOffsetType": PEGGED,
    "strategyId": STRATEGY,
    "strategyType": STRATEGY,
}
PREVENTION_LEGAL = "Data sent for parameter 'selfTradePreventionMode' is not valid."


class OrderParty(NamedTuple):
    """Whose order it is: the account, and the approval that an affiliate's orders carry."""

    account_id: int
    approval_id: int = 0


class OrderRequest(NamedTuple):
    """A new order as it was asked for. `reference` is the text by which the command refers to its client's names."""

    symbol: Symbol
    party: OrderParty
    command: Any
    client_id: str
    reference: str
    response: ResponseType


def order_request(parameters: Parameters, symbol: Symbol, party: OrderParty, spare_id: str) -> OrderRequest:
    """Return the command for a new order; `spare_id` names it where the client does not.

    Raises: DialectError.
    """
    refuse_what_is_not_here(parameters)
    side = read_side(parameters, "side")
    kind = read_type(parameters, "type")
    client_id = parameters.client_id("newClientOrderId") or spare_id
    default = ResponseType.FULL if kind in (DialectType.LIMIT, DialectType.MARKET) else ResponseType.ACK
    response = parameters.choice(
        "newOrderRespType", ResponseType, default, INVALID_PARAMETER, "Invalid newOrderRespType."
    )
    fields = {
        "order_type": kind.value,
        "side": side.value,
        "self_trade_prevention": read_prevention(parameters).value,
        "market_id": symbol.market_id,
        "account_id": party.account_id,
        "client_order_id": client_order_number(client_id),
        "approval_id": party.approval_id,
        **read_terms(parameters, symbol, kind),
    }
    record = PlaceTrailingStop if fields.get("trailing_bp") else PlaceOrder
    return OrderRequest(symbol, party, record(**fields), client_id, client_id, response or default)


def refuse_what_is_not_here(parameters: Parameters) -> None:
    """Raise DialectError where an order is pegged or belongs to a strategy."""
    for name, what in NOT_HERE.items():
        if parameters.has(name):
            message = f"This operation is not supported: {what} ('{name}')."
            raise DialectError(UNSUPPORTED_OPERATION, message, advice="Leave it out.")


def read_terms(parameters: Parameters, symbol: Symbol, kind: DialectType) -> dict[str, int]:
    """Return time in force, price, quantity and trigger of an order of a type."""
    fields = {"time_in_force": read_time_in_force(parameters, kind).value}
    if kind in LIMIT_TYPES or kind is DialectType.LIMIT_MAKER:
        fields["price_ticks"] = symbol.ticks_of("price", parameters.required("price"))
    else:
        parameters.refuse("price")
    fields |= read_quantity(parameters, symbol, kind)
    if kind in STOP_TYPES:
        fields |= read_trigger(parameters, symbol, "stopPrice", "trailingDelta")
    else:
        parameters.refuse("stopPrice", "trailingDelta")
    return fields


def read_quantity(parameters: Parameters, symbol: Symbol, kind: DialectType) -> dict[str, int]:
    """Return quantity and slice, or the cash order quantity of a market order."""
    if kind is DialectType.MARKET and parameters.has("quoteOrderQty"):
        parameters.refuse("quantity", "icebergQty")
        amount = parameters.required("quoteOrderQty")
        return {"cash_order_quantity_minor": symbol.minor_of_quote("quoteOrderQty", amount)}
    parameters.refuse("quoteOrderQty")
    lots = symbol.lots_of("quantity", parameters.required("quantity"))
    slice_text = parameters.text("icebergQty")
    if slice_text is None:
        return {"quantity_lots": lots}
    shown = symbol.lots_of("icebergQty", slice_text)
    return {"quantity_lots": lots, "display_lots": 0 if shown == lots else shown}


def read_trigger(parameters: Parameters, symbol: Symbol, stop: str, trailing: str) -> dict[str, int]:
    """Return the trigger of a stop, and how far it trails; at least one of them is there."""
    price, delta = parameters.text(stop), parameters.integer(trailing, 0, high=(1 << 32) - 1)
    if price is None and not delta:
        raise missing(stop)
    found = {"trigger_price_ticks": symbol.ticks_of(stop, price)} if price is not None else {}
    return found | ({"trailing_bp": delta} if delta else {})


def read_time_in_force(parameters: Parameters, kind: DialectType, name: str = "timeInForce") -> DialectForce:
    """Return how long an order stays: stated for limit orders, fixed for the others."""
    if kind in LIMIT_TYPES:
        found = parameters.choice(name, DialectForce, None, INVALID_TIME_IN_FORCE, "Invalid timeInForce.")
        if found is None:
            raise missing(name)
        return found
    parameters.refuse(name)
    return GTC if kind is DialectType.LIMIT_MAKER else IOC


def read_side(parameters: Parameters, name: str) -> Side:
    """Return a side that must be there."""
    found = parameters.choice(name, Side, None, INVALID_SIDE, "Invalid side.")
    if found is None:
        raise missing(name)
    return found


def read_type(parameters: Parameters, name: str) -> DialectType:
    """Return an order type that must be there."""
    found = parameters.choice(name, DialectType, None, INVALID_ORDER_TYPE, "Invalid orderType.")
    if found is None:
        raise missing(name)
    return found


def read_prevention(parameters: Parameters) -> DialectPrevention:
    """Return the mode of self-trade prevention."""
    found = parameters.choice(
        "selfTradePreventionMode", DialectPrevention, DEFAULT_PREVENTION, INVALID_PARAMETER, PREVENTION_LEGAL
    )
    return found or DEFAULT_PREVENTION
