"""Order lists: place, cancel, query."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tarazy.domain.records import CancelOrderList
from tarazy.facility.gateway.account_reads import ListRow
from tarazy.facility.gateway.dialect.list_view import list_plain
from tarazy.facility.gateway.endpoint import Endpoint, GatewayRequest, Handler, Security, accepted
from tarazy.facility.projections.orders import OPEN
from tarazy.oversight.requests.cancel_requests import meant_list
from tarazy.oversight.requests.errors import CANCEL_REJECTED, INVALID_PARAMETER, NO_SUCH_ORDER, DialectError
from tarazy.oversight.requests.list_requests import oco_request, oto_request, otoco_request
from tarazy.oversight.requests.names import ResponseType
from tarazy.oversight.requests.order_requests import OrderRequest


def placing(make: Callable[..., OrderRequest], orders: int) -> Handler:
    """Return the handler that places lists of a kind, of so many orders."""

    async def place(asked: GatewayRequest) -> Any:
        response = asked.parameters.choice(
            "newOrderRespType", ResponseType, ResponseType.FULL, INVALID_PARAMETER, "Invalid newOrderRespType."
        )
        request = make(asked.parameters, asked.symbol(), asked.party, asked.spare_id)
        ordered = await asked.order(
            request.command, request.reference, orders=orders, listClientOrderId=request.client_id
        )
        accepted(ordered)
        row = await found(asked, list_id=ordered.first_seq)
        return list_plain(row, with_reports=response is not ResponseType.ACK)

    return place


async def found(asked: GatewayRequest, code: int = NO_SUCH_ORDER, **names: Any) -> ListRow:
    """Return a list of the account.

    Raises: DialectError where there is none.
    """
    row = await asked.read(asked.gateway.reads.order_list, asked.account_id, **names)
    if row is None:
        raise DialectError(code, "Order list does not exist." if code == NO_SUCH_ORDER else "Unknown order sent.")
    return row


def names_of(asked: GatewayRequest, client_name: str) -> dict[str, Any]:
    """Return the number or the client's name of the list that a request is about."""
    number, client_id = meant_list(asked.parameters, client_name)
    return {"list_id": number} if number is not None else {"client_id": client_id}


async def query_list(asked: GatewayRequest) -> Any:
    """Return one list."""
    return list_plain(await found(asked, **names_of(asked, "origClientOrderId")))


async def cancel_list(asked: GatewayRequest) -> Any:
    """Cancel a list."""
    symbol, names = asked.symbol(), names_of(asked, "listClientOrderId")
    asked.parameters.client_id("newClientOrderId")
    row = await found(asked, CANCEL_REJECTED, **names)
    command = CancelOrderList(market_id=symbol.market_id, account_id=asked.account_id, list_id=row.list_id)
    accepted(await asked.order(command, listClientOrderId=row.client_id), CANCEL_REJECTED)
    return list_plain(await found(asked, list_id=row.list_id), with_reports=True)


async def all_lists(asked: GatewayRequest) -> Any:
    """Return lists, whatever became of them."""
    parameters = asked.parameters
    limit, first = parameters.count("limit", 500, 1_000), parameters.integer("fromId")
    rows = await asked.read(asked.gateway.reads.order_lists, asked.account_id, limit, first)
    return [list_plain(row) for row in rows]


async def open_lists(asked: GatewayRequest) -> Any:
    """Return the lists of which an order is open."""
    reads, account_id = asked.gateway.reads, asked.account_id
    numbers = {view.list_id for view in await asked.read(reads.open_orders, account_id) if view.list_id}
    rows = await asked.read(lambda: [reads.order_list(account_id, list_id=number) for number in sorted(numbers)])
    return [list_plain(row) for row in rows if row is not None and any(view.status == OPEN for view in row.orders)]


ENDPOINTS = {
    ("POST", "/api/v3/orderList/oco"): Endpoint(placing(oco_request, 2), Security.TRADE, is_order=True),
    ("POST", "/api/v3/orderList/oto"): Endpoint(placing(oto_request, 2), Security.TRADE, is_order=True),
    ("POST", "/api/v3/orderList/otoco"): Endpoint(placing(otoco_request, 3), Security.TRADE, is_order=True),
    ("DELETE", "/api/v3/orderList"): Endpoint(cancel_list, Security.TRADE, is_order=True),
    ("GET", "/api/v3/orderList"): Endpoint(query_list, Security.READ, 4),
    ("GET", "/api/v3/allOrderList"): Endpoint(all_lists, Security.READ, 20),
    ("GET", "/api/v3/openOrderList"): Endpoint(open_lists, Security.READ, 6),
}
