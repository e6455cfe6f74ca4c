"""Cancel an order and place another, with the dialect's two modes (rest-api.md, "Cancel an existing order and send a
new order").

STOP_ON_FAILURE: the new order is placed only behind a cancel that is known to have succeeded, so there are two commands
in turn: ordered together, a fill in the moment before would leave the account with both. ALLOW_FAILURE: both are
ordered in one submission, whatever becomes of the cancel, and nobody comes between them. The order counts before
anything is canceled, and also where it is not attempted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from tarazy.facility.gateway.dialect.order_view import OrderView
from tarazy.facility.gateway.endpoint import Endpoint, GatewayRequest, Security, accepted
from tarazy.facility.gateway.order_entry import Ordered
from tarazy.facility.gateway.routes.orders import (
    cancel,
    cancel_command,
    canceled_plain,
    check_restriction,
    find,
    place,
    placed_plain,
    read_restriction,
)
from tarazy.facility.sequencer.submission import split_events
from tarazy.oversight.requests.errors import (
    CANCEL_REJECTED,
    CANCEL_REPLACE_FAILED,
    CANCEL_REPLACE_PARTLY,
    INVALID_PARAMETER,
    UNKNOWN_OUTCOME,
    DialectError,
)
from tarazy.oversight.requests.order_requests import OrderRequest, order_request
from tarazy.oversight.requests.parameters import missing


class Mode(Enum):
    """What a replacement does where its cancel fails."""

    STOP_ON_FAILURE = 1
    ALLOW_FAILURE = 2


class LimitMode(Enum):
    """What a replacement does where the account has placed too many orders."""

    DO_NOTHING = 1
    CANCEL_ONLY = 2


@dataclass(slots=True)
class Replacement:
    """What was asked for, and what became of both halves: plain data, or an error."""

    request: OrderRequest
    cancel_id: str
    canceled: dict[str, Any] | DialectError | None = None
    placed: dict[str, Any] | DialectError | None = None

    def answer(self) -> dict[str, Any]:
        """Return the answer where both succeeded.

        Raises: DialectError: -2021 where one did, -2022 where none did.
        """
        data = {
            "cancelResult": word(self.canceled),
            "newOrderResult": word(self.placed),
            "cancelResponse": plain(self.canceled),
            "newOrderResponse": plain(self.placed),
        }
        succeeded = sum(isinstance(each, dict) for each in (self.canceled, self.placed))
        if succeeded == 2:
            return data
        if succeeded:
            raise DialectError(CANCEL_REPLACE_PARTLY, "Order cancel-replace partially failed.", 409, data=data)
        raise DialectError(CANCEL_REPLACE_FAILED, "Order cancel-replace failed.", data=data)


def word(outcome: dict[str, Any] | DialectError | None) -> str:
    """Return the result of one half in a word."""
    if outcome is None:
        return "NOT_ATTEMPTED"
    return "FAILURE" if isinstance(outcome, DialectError) else "SUCCESS"


def plain(outcome: dict[str, Any] | DialectError | None) -> dict[str, Any] | None:
    """Return the answer of one half."""
    return outcome.plain() if isinstance(outcome, DialectError) else outcome


async def cancel_replace(asked: GatewayRequest) -> Any:
    """Cancel an order and place another."""
    parameters, symbol = asked.parameters, asked.symbol()
    mode = parameters.choice("cancelReplaceMode", Mode, None, INVALID_PARAMETER, "Invalid cancelReplaceMode.")
    if mode is None:
        raise missing("cancelReplaceMode")
    message = "Invalid orderRateLimitExceededMode."
    limit_mode = parameters.choice(
        "orderRateLimitExceededMode", LimitMode, LimitMode.DO_NOTHING, INVALID_PARAMETER, message
    )
    restriction = read_restriction(asked)
    cancel_id = parameters.client_id("cancelNewClientOrderId") or asked.spare_id
    replacement = Replacement(order_request(parameters, symbol, asked.party, asked.spare_id), cancel_id)
    for name in ("cancelOrderId", "cancelOrigClientOrderId"):
        parameters.text(name)
    parameters.finish()
    too_many = count_order(asked, limit_mode)
    view = None
    try:
        view = await find(asked, symbol, "cancel", CANCEL_REJECTED)
        check_restriction(view, restriction)
    except DialectError as error:
        known(error)
        view, replacement.canceled = None, error
    if view is not None and mode is Mode.ALLOW_FAILURE and too_many is None:
        await both_at_once(asked, replacement, view)
    else:
        await one_by_one(asked, replacement, view, mode, too_many)
    return replacement.answer()


def count_order(asked: GatewayRequest, limit_mode: LimitMode | None) -> DialectError | None:
    """Count the new order before anything is canceled; return the error where the cancel alone is still wanted.

    Raises: DialectError.
    """
    asked.gateway.require_confirmed(asked.account_id)
    try:
        asked.gateway.limits.enter_orders(asked.account_id, 1)
    except DialectError as error:
        if limit_mode is not LimitMode.CANCEL_ONLY:
            raise
        return error
    return None


async def both_at_once(asked: GatewayRequest, replacement: Replacement, view: OrderView) -> None:
    """Order both commands in one submission; each has an outcome of its own."""
    request = replacement.request
    commands = (cancel_command(asked, view), request.command)
    names = {"cancelOrigClientOrderId": view.client_id, "origClientOrderId": request.client_id}
    ordered = await asked.order_all(commands, request.reference, 1, **names)
    first, second = halves(ordered)
    try:
        accepted(first, CANCEL_REJECTED)
        replacement.canceled = await canceled_plain(asked, view, replacement.cancel_id, ordered.ts_ns)
    except DialectError as error:
        known(error)
        replacement.canceled = error
    try:
        replacement.placed = await placed_plain(asked, request, second)
    except DialectError as error:
        known(error)
        replacement.placed = error


def halves(ordered: Ordered) -> tuple[Ordered, Ordered]:
    """Return the outcome of two commands as two outcomes."""
    first, second = split_events(ordered.events, ordered.first_seq, [1, 1])
    return ordered._replace(events=first), Ordered(ordered.first_seq + 1, second, ordered.ts_ns)


async def one_by_one(
    asked: GatewayRequest,
    replacement: Replacement,
    view: OrderView | None,
    mode: Mode,
    too_many: DialectError | None,
) -> None:
    """Cancel first; place the new order only where that succeeded, or need not have."""
    if view is not None:
        try:
            replacement.canceled = await cancel(asked, view, replacement.cancel_id)
        except DialectError as error:
            known(error)
            replacement.canceled = error
    if isinstance(replacement.canceled, DialectError) and mode is Mode.STOP_ON_FAILURE:
        return
    if too_many is not None:
        replacement.placed = too_many
        return
    try:
        replacement.placed = await place(asked, replacement.request, is_counted=True)
    except DialectError as error:
        known(error)
        replacement.placed = error


def known(error: DialectError) -> None:
    """Pass on an error after which nobody knows what was done."""
    if error.code == UNKNOWN_OUTCOME:
        raise error


ENDPOINTS = {
    ("POST", "/api/v3/order/cancelReplace"): Endpoint(cancel_replace, Security.TRADE, is_order=True),
}
