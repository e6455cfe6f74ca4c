"""What the dialect has no word for, signed in the same way: cancel after silence, and many cancels in one request."""

from __future__ import annotations

from typing import Any

from tarazy.domain.records import CancelTimerSet, CommandRejected
from tarazy.facility.gateway.dialect.order_view import NS_PER_MS
from tarazy.facility.gateway.dialect.refusals import refusal
from tarazy.facility.gateway.endpoint import GatewayRequest, Security, accepted, records
from tarazy.facility.gateway.native.operation import (
    Given,
    Operation,
    fields,
    flag_schema,
    listed,
    number_schema,
    or_nothing,
    text_schema,
    up_to,
)
from tarazy.oversight.requests.cancel_requests import DAY_MS, cancels_of, timer_of
from tarazy.oversight.requests.errors import CANCEL_REJECTED


async def cancel_after(asked: GatewayRequest) -> Any:
    """Cancel all open orders of the account unless this is asked again within the timeout; 0 ends the countdown."""
    ordered = await asked.order(timer_of(asked.parameters, asked.account_id))
    event = next(e for e in accepted(ordered) if isinstance(e, CancelTimerSet))
    due = event.cancel_due_ns // NS_PER_MS if event.cancel_due_ns else None
    return {"timeoutMs": event.timeout_ms, "cancelsAt": due}


async def cancel_many(asked: GatewayRequest) -> Any:
    """Cancel orders of one market by their numbers; each has an outcome of its own, in the order that was sent."""
    commands = cancels_of(asked.parameters, asked.symbol(), asked.account_id)
    ordered = await asked.order_all(commands)
    refused = {e.seq: e for e in records(ordered.events) if isinstance(e, CommandRejected)}
    asked.weigh(len(refused))
    outcomes = []
    for seq, command in enumerate(commands, ordered.first_seq):
        error = refusal(refused[seq], CANCEL_REJECTED).plain() if seq in refused else None
        outcomes.append({"orderId": command.order_id, "canceled": error is None, **({"error": error} if error else {})})
    return outcomes


OUTCOME = fields(("error",), orderId=number_schema, canceled=flag_schema, error={"type": "object"})
OPERATIONS = (
    Operation(
        "POST",
        "/v1/cancel-after",
        cancel_after,
        Security.TRADE,
        "Cancel all open orders of the account unless this is asked again in time; 0 ends the countdown",
        fields(timeoutMs=number_schema, cancelsAt=or_nothing(number_schema)),
        (Given("timeoutMs", up_to(DAY_MS, 0), "a day at most", True),),
        1,
        is_order=True,
        section="orders",
    ),
    Operation(
        "DELETE",
        "/v1/orders",
        cancel_many,
        Security.TRADE,
        "Cancel up to 100 orders of one market; each has an outcome of its own",
        listed(OUTCOME),
        (
            Given("symbol", text_schema, "market", True),
            Given("orderIds", text_schema, "numbers of orders, separated by commas", True),
        ),
        1,
        is_order=True,
        section="orders",
    ),
)
