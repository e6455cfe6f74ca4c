"""What the trading page does: preview, place, change, cancel, ask about an order. JSON, sent as a form with its token.

The order goes the way of every order (`facility/gateway/person_requests.py`): the same endpoints, limits and names. An
answer that does not come is no answer: the page asks by the order's own name before it sends anything again.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi.responses import Response

from tarazy.console.layout.page_layout import PageRequest
from tarazy.console.trading.desk import TradingDesk
from tarazy.console.trading.refusal_words import refusal_words
from tarazy.console.trading.routing import json_answer
from tarazy.console.trading.visit import ACTING, Visit
from tarazy.domain.records import PlaceOrder
from tarazy.facility.gateway.app import ROUTES
from tarazy.facility.gateway.endpoint import Endpoint
from tarazy.facility.gateway.list_preview import preview_list
from tarazy.facility.gateway.order_preview import preview
from tarazy.facility.gateway.person_requests import PersonRequest, answered_for_person, request_of
from tarazy.facility.gateway.rates import rates_of
from tarazy.oversight.requests.errors import BAD_SYMBOL, REJECTED_KEY, DialectError
from tarazy.oversight.requests.list_requests import oco_request, oto_request
from tarazy.oversight.requests.names import SIDE_WORDS
from tarazy.oversight.requests.order_requests import order_request
from tarazy.oversight.requests.symbol import Symbol

BOOK_LEVELS = 500
REQUEST_OF = {"preview": order_request, "preview-oco": oco_request, "preview-oto": oto_request}
PLACING = frozenset({"order", "replace", "oco", "oto"})
WITHOUT_MARKET = frozenset({"find-list"})
OWN_FIELDS = frozenset({"form_token", "account"})
ENDPOINT_OF = {
    "order": ("POST", "/api/v3/order"),
    "find": ("GET", "/api/v3/order"),
    "cancel": ("DELETE", "/api/v3/order"),
    "cancel-all": ("DELETE", "/api/v3/openOrders"),
    "amend": ("PUT", "/api/v3/order/amend/keepPriority"),
    "replace": ("POST", "/api/v3/order/cancelReplace"),
    "oco": ("POST", "/api/v3/orderList/oco"),
    "oto": ("POST", "/api/v3/orderList/oto"),
    "find-list": ("GET", "/api/v3/orderList"),
    "cancel-list": ("DELETE", "/api/v3/orderList"),
}
ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    key: each for module in ROUTES for key, each in module.ENDPOINTS.items() if key in ENDPOINT_OF.values()
}


async def act(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Response:
    """Do one act and answer in JSON; a refusal says in words why, by which rule, and what to do.

    A refusal is an answer like others, with `refused` and the status that programs get: a browser would note another
    status as a fault of the page.
    """
    name = asked.path["act"]
    values = {key: value.strip() for key, value in asked.form.fields.items() if key not in OWN_FIELDS}
    symbol = desk.symbol(values.get("symbol", ""))
    try:
        if not visit.person.roles & ACTING:
            raise DialectError(REJECTED_KEY, "This login may look and not trade.", 403)
        if symbol is None:
            raise DialectError(BAD_SYMBOL, "Invalid symbol.")
        sent = {key: value for key, value in values.items() if key != "symbol" or name not in WITHOUT_MARKET}
        number = session_number(desk, visit) if name in PLACING else 0
        request = request_of(desk.gateway, visit.account_id, visit.person.name, sent, visit.address, number)
        if name in REQUEST_OF:
            plain = await previewed(desk, visit, request, symbol, name)
        else:
            plain = await answered_for_person(endpoint_of(name), request)
    except DialectError as error:
        words = refusal_words(visit, error, symbol, side_of(values))
        return json_answer({**error.plain(), "words": words, "refused": True, "status": error.status})
    return json_answer(plain)


def session_number(desk: TradingDesk, visit: Visit) -> int:
    """Return the number that the orders of the visitor's session bear, by which an officer can cancel them."""
    return desk.logins.number_of(visit.token, visit.person, desk.gateway.sessions.take)


def endpoint_of(name: str) -> Endpoint:
    """Return the endpoint of an act. Raises: DialectError."""
    if name not in ENDPOINT_OF:
        raise DialectError(-1000, "No such act.", 404)
    return ENDPOINTS[ENDPOINT_OF[name]]


def side_of(values: Mapping[str, str]) -> str:
    """Return the side of an order, or of the working order of a list."""
    return values.get("side", "") or values.get("workingSide", "")


async def previewed(desk: TradingDesk, visit: Visit, asked: PersonRequest, symbol: Symbol, name: str) -> dict[str, Any]:
    """Return what an order or a list would hold and pay. Raises: DialectError."""
    parameters = asked.parameters
    parameters.text("symbol")
    request = REQUEST_OF[name](parameters, symbol, asked.party, "preview")
    parameters.finish()
    gateway, views = desk.gateway, desk.feeds.views
    balances = await gateway.read(visit.account_id, partial(gateway.reads.balances, visit.account_id))
    rates = rates_of(gateway.models.venue, visit.account_id, symbol.market_id)
    last = views.last_trade(symbol.market_id)
    book = views.depth(symbol.market_id, BOOK_LEVELS)
    look = preview if isinstance(request.command, PlaceOrder) else preview_list
    plain = look(gateway.models.venue, request, rates, balances, book, last.price_ticks if last else 0)
    if plain["refusal"] is not None:
        refused = DialectError(-2010, "", **plain["refusal"])
        plain["refusal"]["words"] = refusal_words(visit, refused, symbol, SIDE_WORDS[request.command.side])
    return plain
