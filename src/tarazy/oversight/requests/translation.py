"""What a signed request says as commands: one pure function for the gateway that orders them and for whoever checks it.

The gateway's endpoints use the same parts one by one, because an answer needs more than the command. `commands_of`
puts them together by where the request went. What the venue was at that point comes from `RequestTerms`: the gateway's
read models, or the record replayed up to the command.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from tarazy.domain.records import (
    CancelAll,
    CancelOrderList,
    PlaceOco,
    PlaceOrder,
    PlaceOto,
    PlaceOtoco,
    PlaceTrailingStop,
)
from tarazy.oversight.requests.batch_requests import batch_commands
from tarazy.oversight.requests.block_requests import Quoted, block_text, block_trade, priced_terms, quote_number
from tarazy.oversight.requests.cancel_requests import (
    MeantOrder,
    amend_of,
    cancel_of,
    cancels_of,
    meant_list,
    meant_order,
    timer_of,
)
from tarazy.oversight.requests.document import RequestDocument, document_hash, said_parameters
from tarazy.oversight.requests.errors import UNSUPPORTED_OPERATION, DialectError
from tarazy.oversight.requests.list_requests import oco_request, oto_request, otoco_request
from tarazy.oversight.requests.order_requests import OrderParty, OrderRequest, order_request
from tarazy.oversight.requests.parameters import Parameters
from tarazy.oversight.requests.symbol import Symbol
from tarazy.oversight.requests.withdrawal_requests import dialect_withdrawal_request, withdrawal_request

SPARE_BYTES = 15
PLACED_IN_SESSION = (PlaceOrder, PlaceTrailingStop, PlaceOco, PlaceOto, PlaceOtoco)


class RequestTerms(Protocol):
    """What the words of a request stand for at one point of the record."""

    def symbol(self, name: str) -> Symbol:
        """Return the market of a name. Raises: DialectError."""

    def asset(self, code: str) -> tuple[int, int] | None:
        """Return an asset's number and places."""

    def order_id(self, market_id: int, meant: MeantOrder) -> int:
        """Return the number of the account's order that is meant. Raises: DialectError where there is none."""

    def list_id(self, market_id: int, meant: MeantOrder) -> int:
        """Return the number of the account's list that is meant. Raises: DialectError where there is none."""

    def quoted(self, quote: int) -> Quoted:
        """Return what the number of a quote stands for. Raises: DialectError where there is none."""


class AskedCommands:
    """The commands of one request, and the text by which the record refers to the client's names for them."""

    def __init__(self, commands: list[Any], text: str = "", named: int = 0) -> None:
        self.commands = commands
        self.text = text
        self.named = named
        self._places: dict[tuple[type, Any], list[int]] = {}

    def text_of(self, index: int) -> str:
        """Return the text that stands beside one of the commands."""
        return self.text if index == self.named else ""

    def places_of(self, command: Any) -> list[int]:
        """Return which of the commands are this one, its time and its session's number aside."""
        if not self._places:
            for index, each in enumerate(self.commands):
                self._places.setdefault((type(each), as_asked(each)), []).append(index)
        return self._places.get((type(command), as_asked(command)), [])


def as_asked(command: Any) -> Any:
    """Return a command without what the facility adds: its time, and the number of the session that placed it."""
    if isinstance(command, PLACED_IN_SESSION):
        return command._replace(ts_ns=0, session_id=0)
    return command._replace(ts_ns=0)


class AskedBy:
    """Who asks: parameters, the party, the terms, and the name of what has none."""

    def __init__(self, document: RequestDocument, digest: bytes, party: OrderParty, terms: RequestTerms) -> None:
        self.parameters: Parameters = said_parameters(document)
        self.body = document.rest
        self.party = party
        self.terms = terms
        self.spare_id = spare_id_of(digest)

    @property
    def account_id(self) -> int:
        """Return the account."""
        return self.party.account_id

    def symbol(self) -> Symbol:
        """Return the market that must be named."""
        return self.terms.symbol(self.parameters.required("symbol"))


def commands_of(document: RequestDocument, party: OrderParty, terms: RequestTerms) -> AskedCommands:
    """Return the commands that a signed request asks for, with times zero.

    Method and path are the operator's word, and so is where the query ends. So a request with a parameter that has no
    meaning there asks for nothing: an order cannot be shown as a cancel of everything, nor 12 lots as 1.
    Raises: DialectError where it asks for none.
    """
    target = document.method, document.path
    translate = TRANSLATIONS.get(target)
    if translate is None:
        where = f"{document.method} {document.path}"[:80]
        raise DialectError(UNSUPPORTED_OPERATION, f"No command comes of {where}.")
    asked = AskedBy(document, document_hash(document.encode()), party, terms)
    found = translate(asked)
    asked.parameters.pass_over(*SHAPE_NOTHING.get(target, ()))
    asked.parameters.finish()
    return found


def spare_id_of(digest: bytes) -> str:
    """Return a client order id for a request that gave none; the same request has the same one."""
    return "t-" + digest[:SPARE_BYTES].hex()


def _placed(request: OrderRequest) -> AskedCommands:
    return AskedCommands([request.command], request.reference)


def _order(asked: AskedBy) -> AskedCommands:
    return _placed(order_request(asked.parameters, asked.symbol(), asked.party, asked.spare_id))


def _placing(make: Callable[..., OrderRequest]) -> Callable[[AskedBy], AskedCommands]:
    """Return the translation of requests that place lists of a kind."""
    return lambda asked: _placed(make(asked.parameters, asked.symbol(), asked.party, asked.spare_id))


def _cancel_command(asked: AskedBy, prefix: str = "") -> Any:
    market_id = asked.symbol().market_id
    order_id = asked.terms.order_id(market_id, meant_order(asked.parameters, prefix))
    return cancel_of(market_id, asked.account_id, order_id)


def _cancel(asked: AskedBy) -> AskedCommands:
    return AskedCommands([_cancel_command(asked)])


def _cancel_replace(asked: AskedBy) -> AskedCommands:
    """The new order's text stands beside the second command; the cancel may have come to nothing before."""
    placed = _order(asked)
    return AskedCommands([_cancel_command(asked, "cancel"), *placed.commands], placed.text, 1)


def _cancel_all(asked: AskedBy) -> AskedCommands:
    return AskedCommands([CancelAll(market_id=asked.symbol().market_id, account_id=asked.account_id)])


def _amend(asked: AskedBy) -> AskedCommands:
    symbol = asked.symbol()
    order_id = asked.terms.order_id(symbol.market_id, meant_order(asked.parameters))
    lots = symbol.lots_of("newQty", asked.parameters.required("newQty"))
    return AskedCommands([amend_of(symbol.market_id, asked.account_id, order_id, lots)])


def _cancel_list(asked: AskedBy) -> AskedCommands:
    market_id = asked.symbol().market_id
    list_id = asked.terms.list_id(market_id, meant_list(asked.parameters, "listClientOrderId"))
    return AskedCommands([CancelOrderList(market_id=market_id, account_id=asked.account_id, list_id=list_id)])


def _cancel_many(asked: AskedBy) -> AskedCommands:
    return AskedCommands(list(cancels_of(asked.parameters, asked.symbol(), asked.account_id)))


def _cancel_after(asked: AskedBy) -> AskedCommands:
    return AskedCommands([timer_of(asked.parameters, asked.account_id)])


def _withdraw(asked: AskedBy) -> AskedCommands:
    return AskedCommands([withdrawal_request(asked.parameters, asked.account_id, asked.terms.asset).command])


def _dialect_withdraw(asked: AskedBy) -> AskedCommands:
    return AskedCommands([dialect_withdrawal_request(asked.parameters, asked.account_id, asked.terms.asset).command])


def _batch(asked: AskedBy) -> AskedCommands:
    return AskedCommands(batch_commands(asked.parameters, asked.body, asked.party))


def _accept_quote(asked: AskedBy) -> AskedCommands:
    """Who quoted stands behind the number of the quote; the trade itself is in the acceptance's own words."""
    number = quote_number(asked.parameters)
    terms = priced_terms(asked.parameters, asked.terms.symbol)
    return AskedCommands([block_trade(terms, asked.account_id, asked.terms.quoted(number))], block_text(number))


TRANSLATIONS: dict[tuple[str, str], Callable[[AskedBy], AskedCommands]] = {
    ("POST", "/api/v3/order"): _order,
    ("DELETE", "/api/v3/order"): _cancel,
    ("PUT", "/api/v3/order/amend/keepPriority"): _amend,
    ("POST", "/api/v3/order/cancelReplace"): _cancel_replace,
    ("DELETE", "/api/v3/openOrders"): _cancel_all,
    ("POST", "/api/v3/orderList/oco"): _placing(oco_request),
    ("POST", "/api/v3/orderList/oto"): _placing(oto_request),
    ("POST", "/api/v3/orderList/otoco"): _placing(otoco_request),
    ("DELETE", "/api/v3/orderList"): _cancel_list,
    ("DELETE", "/v1/orders"): _cancel_many,
    ("POST", "/v1/orders/batch"): _batch,
    ("POST", "/v1/quotes/accept"): _accept_quote,
    ("POST", "/v1/cancel-after"): _cancel_after,
    ("POST", "/v1/withdrawals"): _withdraw,
    ("POST", "/sapi/v1/capital/withdraw/apply"): _dialect_withdraw,
}
# What the gateway reads besides, and what shapes the answer or whether it is ordered at all, never the command.
SHAPE_NOTHING: dict[tuple[str, str], tuple[str, ...]] = {
    ("DELETE", "/api/v3/order"): ("newClientOrderId", "cancelRestrictions"),
    ("PUT", "/api/v3/order/amend/keepPriority"): ("newClientOrderId",),
    ("POST", "/api/v3/order/cancelReplace"): (
        "cancelReplaceMode",
        "orderRateLimitExceededMode",
        "cancelRestrictions",
        "cancelNewClientOrderId",
        "cancelOrderId",
        "cancelOrigClientOrderId",
    ),
    ("POST", "/api/v3/orderList/oco"): ("newOrderRespType",),
    ("POST", "/api/v3/orderList/oto"): ("newOrderRespType",),
    ("POST", "/api/v3/orderList/otoco"): ("newOrderRespType",),
    ("DELETE", "/api/v3/orderList"): ("newClientOrderId",),
}
