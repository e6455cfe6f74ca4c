"""Every method of the WebSocket API is asked once, as web-socket-api.md of binance-spot-api-docs writes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tarazy.facility.feeds.api.methods import METHODS

from ..trading_stage import Served, make_facility, new_key, served
from .socket_client import Socket
from .test_gateway_attacks import ORDER

BTC = {"symbol": "BTCUSD"}
BUY = {**ORDER, "side": "BUY"}
OCO = {
    **BTC,
    "side": "SELL",
    "quantity": "1",
    "aboveType": "LIMIT_MAKER",
    "abovePrice": "120",
    "belowType": "STOP_LOSS",
    "belowStopPrice": "90",
}
WORKING = {
    **BTC,
    "workingType": "LIMIT",
    "workingSide": "BUY",
    "workingPrice": "95",
    "workingQuantity": "1",
    "workingTimeInForce": "GTC",
    "pendingSide": "SELL",
    "pendingQuantity": "1",
}
OTO = {**WORKING, "pendingType": "LIMIT_MAKER", "pendingPrice": "120"}
OTOCO = {
    **WORKING,
    "pendingAboveType": "LIMIT_MAKER",
    "pendingAbovePrice": "120",
    "pendingBelowType": "STOP_LOSS",
    "pendingBelowStopPrice": "90",
}


class Call(NamedTuple):
    """How a method is asked, and a field that its answer has; `is_list` for answers that are lists.

    `order` or `orderList` is placed before it, whose number goes in under the name in `number`.
    """

    params: dict[str, Any]
    field: str
    signed: bool = False
    is_list: bool = False
    number: str = ""
    before: str = "order"


TABLE = {
    "ping": Call({}, ""),
    "time": Call({}, "serverTime"),
    "exchangeInfo": Call({}, "symbols"),
    "depth": Call(BTC, "lastUpdateId"),
    "trades.recent": Call(BTC, "price", is_list=True),
    "trades.historical": Call({**BTC, "fromId": 1}, "price", is_list=True),
    "trades.aggregate": Call(BTC, "p", is_list=True),
    "klines": Call({**BTC, "interval": "1m"}, "", is_list=True),
    "uiKlines": Call({**BTC, "interval": "1m"}, "", is_list=True),
    "avgPrice": Call(BTC, "price"),
    "ticker": Call({**BTC, "windowSize": "4h"}, "weightedAvgPrice"),
    "ticker.tradingDay": Call(BTC, "weightedAvgPrice"),
    "ticker.24hr": Call(BTC, "lastPrice"),
    "ticker.price": Call(BTC, "price"),
    "ticker.book": Call(BTC, "bidPrice"),
    "order.place": Call({**ORDER, "price": "130"}, "orderId", signed=True),
    "order.test": Call(ORDER, "", signed=True),
    "order.status": Call(BTC, "status", signed=True, number="orderId"),
    "order.cancel": Call(BTC, "status", signed=True, number="orderId"),
    "order.cancelReplace": Call(
        {**ORDER, "price": "131", "cancelReplaceMode": "STOP_ON_FAILURE"}, "cancelResult", signed=True,
        number="cancelOrderId",
    ),
    "order.amend.keepPriority": Call({**BTC, "newQty": "0.5"}, "amendedOrder", signed=True, number="orderId"),
    "openOrders.status": Call(BTC, "orderId", signed=True, is_list=True, number="-"),
    "openOrders.cancelAll": Call(BTC, "orderId", signed=True, is_list=True, number="-"),
    "orderList.place.oco": Call(OCO, "orderListId", signed=True),
    "orderList.place.oto": Call(OTO, "orderListId", signed=True),
    "orderList.place.otoco": Call(OTOCO, "orderListId", signed=True),
    "orderList.status": Call({}, "listOrderStatus", signed=True, number="orderListId", before="orderList"),
    "orderList.cancel": Call(BTC, "listOrderStatus", signed=True, number="orderListId", before="orderList"),
    "openOrderLists.status": Call({}, "orderListId", signed=True, is_list=True, number="-", before="orderList"),
    "allOrders": Call(BTC, "orderId", signed=True, is_list=True, number="-"),
    "allOrderLists": Call({}, "orderListId", signed=True, is_list=True, number="-", before="orderList"),
    "myTrades": Call(BTC, "tradeId", signed=True, is_list=True),
    "account.status": Call({}, "balances", signed=True),
    "account.commission": Call(BTC, "standardCommission", signed=True),
    "account.rateLimits.orders": Call({}, "count", signed=True, is_list=True),
}  # fmt: skip
NOT_HERE = {"myPreventedMatches"}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve one facility for the tests of this file; its last price is 100."""
    directory = tmp_path_factory.mktemp("methods") / "facility"
    make_facility(directory)
    with served(directory) as running:
        socket = Socket(running.url, "/ws-api/v3")
        for number, order in ((1, BUY), (2, ORDER)):
            socket.ask_signed("order.place", new_key(directory, number), **order)
        socket.close()
        yield running


@pytest.fixture(scope="module")
def key(gateway: Served) -> tuple[str, str]:
    """Return the first account's key."""
    return new_key(gateway.directory, 1)


def test_the_table_has_every_method() -> None:
    assert set(TABLE) | NOT_HERE == set(METHODS)


@pytest.mark.parametrize("method", TABLE)
def test_method_is_answered_with_its_result(gateway: Served, key: tuple[str, str], method: str) -> None:
    call, socket = TABLE[method], Socket(gateway.url, "/ws-api/v3")
    params = dict(call.params)
    if call.number:
        terms = ("order.place", {**ORDER, "price": "140"}) if call.before == "order" else ("orderList.place.oco", OCO)
        placed = socket.ask_signed(terms[0], key, **terms[1])
        assert placed["status"] == 200, placed
        if call.number != "-":
            params[call.number] = placed["result"]["orderListId" if call.before == "orderList" else "orderId"]
    answer = socket.ask_signed(method, key, **params) if call.signed else socket.ask(method, params)
    assert answer["status"] == 200, answer
    assert answer["rateLimits"][0]["rateLimitType"] == "REQUEST_WEIGHT"
    found = answer["result"]
    if call.is_list:
        assert found
        found = found[0]
    if call.field:
        assert call.field.replace("tradeId", "id") in found
    socket.ask_signed("openOrders.cancelAll", key, **BTC)
    socket.close()


@pytest.mark.parametrize("method", sorted(NOT_HERE) + ["order.fly"])
def test_method_that_is_not_here_says_so(gateway: Served, method: str) -> None:
    socket = Socket(gateway.url, "/ws-api/v3")
    answer = socket.ask(method, BTC)
    assert (answer["status"], answer["error"]["code"]) == (400, -1020)
    socket.close()
