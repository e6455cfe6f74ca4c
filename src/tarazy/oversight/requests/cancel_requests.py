"""Requests about orders that are there: which one is meant, and the command that cancels or amends it.

An order is meant by its number or by the client's name for it. What a name stands for at a time is a question to the
read models for the gateway and to the record for a verifier; the rest is here, the same for both.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tarazy.domain.records import AmendOrder, CancelOrder, CancelOrderList, SetCancelTimer
from tarazy.oversight.requests.errors import TOO_MANY_PARAMETERS, DialectError, illegal
from tarazy.oversight.requests.parameters import Parameters, missing
from tarazy.oversight.requests.symbol import Symbol
from tarazy.spec.legs import LEG_SHIFT

CANCELS_MAX = 100
DAY_MS = 86_400_000

SEQ_MASK = (1 << LEG_SHIFT) - 1
# Place of an order's name among those of its list, by role: first and second of a pair, of a triggered order, of both.
NAME_PLACES = {0: 0, 1: 1, 2: 2, 3: 1, 4: 2, 5: 1, 6: 2, 7: 3}


class MeantOrder(NamedTuple):
    """The order, or the list, that a request is about: its number or its client's name for it, or both."""

    number: int | None
    client_id: str | None


def meant_order(parameters: Parameters, prefix: str = "") -> MeantOrder:
    """Return which order is meant.

    Raises: DialectError where none is named.
    """
    number_name = f"{prefix}OrderId" if prefix else "orderId"
    number = parameters.integer(number_name)
    client_id = parameters.client_id(f"{prefix}OrigClientOrderId" if prefix else "origClientOrderId")
    if number is None and client_id is None:
        raise missing(number_name)
    return MeantOrder(number, client_id)


def meant_list(parameters: Parameters, client_name: str) -> MeantOrder:
    """Return which list is meant. Raises: as `meant_order`."""
    number, client_id = parameters.integer("orderListId"), parameters.client_id(client_name)
    if number is None and client_id is None:
        raise missing("orderListId")
    return MeantOrder(number, client_id)


def cancel_of(market_id: int, account_id: int, order_id: int) -> Any:
    """Return the command that cancels an order; an order of a list takes the list with it."""
    if order_id >> LEG_SHIFT:
        return CancelOrderList(market_id=market_id, account_id=account_id, list_id=order_id & SEQ_MASK)
    return CancelOrder(market_id=market_id, account_id=account_id, order_id=order_id)


def amend_of(market_id: int, account_id: int, order_id: int, lots: int, price_ticks: int = 0) -> AmendOrder:
    """Return the command that gives an order another quantity, or price; 0 keeps the price."""
    return AmendOrder(0, market_id, account_id, order_id, price_ticks, lots)


def cancels_of(parameters: Parameters, symbol: Symbol, account_id: int) -> list[CancelOrder]:
    """Return the commands that cancel the orders of one market whose numbers a request lists.

    Raises: DialectError.
    """
    numbers = [each.strip() for each in parameters.required("orderIds").strip("[]").split(",")]
    if not all(each.isascii() and each.isdecimal() and len(each) < 20 for each in numbers):
        raise illegal("orderIds", "numbers separated by commas")
    if len(numbers) > CANCELS_MAX:
        raise DialectError(TOO_MANY_PARAMETERS, f"At most {CANCELS_MAX} orders are canceled at once.")
    return [CancelOrder(0, symbol.market_id, account_id, int(number)) for number in numbers]


def timer_of(parameters: Parameters, account_id: int) -> SetCancelTimer:
    """Return the command that starts, moves or ends an account's cancel timer. Raises: DialectError."""
    parameters.required("timeoutMs")
    return SetCancelTimer(account_id=account_id, timeout_ms=parameters.integer("timeoutMs", high=DAY_MS) or 0)


def name_of(order_id: int, text: str) -> str | None:
    """Return the client's name for an order, from the text of the request that placed it; None where it has none."""
    names, place = text.split(" "), NAME_PLACES.get(order_id >> LEG_SHIFT, -1)
    return names[place] if 0 <= place < len(names) and names[place] else None
