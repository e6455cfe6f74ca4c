"""A signed batch of orders: its query is signed and names the SHA-256 of its body, whose orders are 48 bytes each.

The layout is `docs/reference/order-batches.md`. Here each order becomes its command one by one, to be read and to be
held against a record; the gateway makes the same bytes column by column, and a test holds the two together.
"""

from __future__ import annotations

import struct
from hashlib import sha256
from hmac import compare_digest
from typing import Any, NamedTuple

from tarazy.domain.records import CancelOrder, PlaceOrder, SelfTradePrevention
from tarazy.oversight.requests.errors import INVALID_PARAMETER, INVALID_SIGNATURE, DialectError, illegal
from tarazy.oversight.requests.order_requests import OrderParty
from tarazy.oversight.requests.parameters import Parameters

PLACE, CANCEL = 1, 2
DIGEST_CHARS = 64
_ORDER = struct.Struct("<4BIQQQQQ")


class BatchedOrder(NamedTuple):
    """One order of a batch as it lies in the body."""

    action: int
    order_type: int
    side: int
    time_in_force: int
    market_id: int
    client_order_id: int
    price_ticks: int
    quantity_lots: int
    display_lots: int
    order_id: int


def check_body(parameters: Parameters, body: bytes) -> None:
    """Refuse a body that is not the one whose hash was signed. Raises: DialectError."""
    digest = parameters.required("sha256")
    if len(digest) != DIGEST_CHARS or not digest.isascii():
        raise illegal("sha256", "^[0-9a-f]{64}$")
    if not compare_digest(sha256(body).hexdigest(), digest.lower()):
        raise DialectError(INVALID_SIGNATURE, "The body is not the one that was signed: its SHA-256 is another.")


def batch_commands(parameters: Parameters, body: bytes, party: OrderParty) -> list[Any]:
    """Return the commands that a batch asks for, in its order. Raises: DialectError."""
    check_body(parameters, body)
    if not body or len(body) % _ORDER.size:
        raise DialectError(INVALID_PARAMETER, f"expected orders of {_ORDER.size} bytes, found {len(body):,} bytes")
    return [command_of(BatchedOrder(*each), party) for each in _ORDER.iter_unpack(body)]


def command_of(order: BatchedOrder, party: OrderParty) -> Any:
    """Return the command of one order. Raises: DialectError."""
    if order.action == CANCEL:
        return CancelOrder(0, order.market_id, party.account_id, order.order_id, order.client_order_id)
    if order.action != PLACE:
        raise DialectError(INVALID_PARAMETER, f"expected an action 1 or 2, found {order.action}")
    return PlaceOrder(
        order_type=order.order_type,
        side=order.side,
        time_in_force=order.time_in_force,
        self_trade_prevention=int(SelfTradePrevention.expire_maker),
        market_id=order.market_id,
        account_id=party.account_id,
        client_order_id=order.client_order_id,
        price_ticks=order.price_ticks,
        quantity_lots=order.quantity_lots,
        display_lots=order.display_lots,
        approval_id=party.approval_id,
    )
