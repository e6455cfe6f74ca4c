"""`POST /v1/orders/batch`: many orders of one account in a compact fixed form, sequenced together, answered together.

The query is signed as everywhere and names the SHA-256 of the body, so the signature covers both. Every order has an
outcome of its own. A retry is safe: the venue itself refuses a client order id again that it remembers, and the outcome
then names the order that has it. Where the venue remembers none of an order that is done, the path is closed.
"""

from __future__ import annotations

from typing import Any

from tarazy.domain.records import ParameterTable
from tarazy.facility.gateway.endpoint import Body, GatewayRequest, Security
from tarazy.facility.gateway.native.operation import BYTES, Given, Operation, text_schema
from tarazy.facility.gateway.native.order_batch import (
    ORDER,
    ORDERS_MAX,
    BatchAction,
    BatchError,
    canceled_nothing,
    commands_of,
    outcomes_of,
    read_orders,
)
from tarazy.oversight.requests.batch_requests import check_body
from tarazy.oversight.requests.errors import INVALID_PARAMETER, UNSUPPORTED_OPERATION, DialectError

HORIZON = (int(ParameterTable.client_id_horizon_ms), 0)


async def order_batch(asked: GatewayRequest) -> Any:
    """Place and cancel the orders of a batch."""
    check_body(asked.parameters, asked.body)
    if not asked.gateway.models.venue.parameters.rows.get(HORIZON, (0,))[0]:
        message = "This facility remembers no client order ids of orders that are done, so a retry could order twice."
        raise DialectError(UNSUPPORTED_OPERATION, message, advice="It must set client_id_horizon_ms first.")
    try:
        orders = read_orders(asked.body)
    except BatchError as error:
        raise DialectError(INVALID_PARAMETER, f"The batch was not ordered: {error}.") from None
    commands = commands_of(orders, asked.party, asked.session_id)
    ordered = await asked.order_packed(commands, orders=int((orders["action"] == BatchAction.place).sum()))
    content = outcomes_of(orders, ordered)
    asked.weigh(canceled_nothing(orders, content))
    return Body(content, BYTES)


OPERATIONS = (
    Operation(
        "POST",
        "/v1/orders/batch",
        order_batch,
        Security.TRADE,
        f"Place and cancel up to {ORDERS_MAX:,} orders of the account; each has an outcome of its own",
        {},
        (Given("sha256", text_schema, "SHA-256 of the body, 64 hexadecimal digits", True),),
        media=(BYTES,),
        is_order=True,
        section="orders",
        body={"type": "string", "format": "binary", "description": f"orders of {ORDER.itemsize} bytes each"},
        body_media=BYTES,
        body_bytes_max=ORDERS_MAX * ORDER.itemsize,
    ),
)
