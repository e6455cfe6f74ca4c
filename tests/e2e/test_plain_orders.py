"""Plain orders take a short path, others the general one; who asks cannot tell which: answers and heads are alike.

`recvWindow=60000.0` is the same window as `60000` and takes the general path, so each order is sent by both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ..trading_stage import Served, make_facility, new_key, served
from .socket_client import Socket
from .test_gateway_attacks import ORDER, Trader, code_of

BOTH = {"short": "60000", "general": "60000.0"}
BUY = {**ORDER, "side": "BUY"}
OWN_FIELDS = {"orderId", "clientOrderId", "transactTime", "workingTime", "tradeId"}
COUNTS = {"content-length", "date", "x-mbx-order-count-10s", "x-mbx-order-count-1d", "x-mbx-used-weight-1m"}
SENT: dict[str, dict[str, Any]] = {
    "rests": {**BUY, "price": "51"},
    "acknowledged": {**BUY, "price": "51", "newOrderRespType": "ACK"},
    "result": {**BUY, "price": "51", "newOrderRespType": "RESULT"},
    "post only": {"symbol": "BTCUSD", "side": "BUY", "type": "LIMIT_MAKER", "quantity": "1", "price": "51"},
    "trades": {**BUY, "price": "120", "quantity": "1"},
    "at market": {"symbol": "BTCUSD", "side": "BUY", "type": "MARKET", "quantity": "1"},
    "is killed": {**BUY, "price": "51", "timeInForce": "FOK"},
    "is refused by the venue": {**BUY, "price": "51", "quantity": "900000000"},
    "has a price off the grid": {**BUY, "price": "51.0000000001"},
    "is unknown": {**BUY, "symbol": "NOPE"},
    "has too many parameters": {**BUY, "price": "51", "colour": "red"},
}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve one facility whose last price is 100 and whose asks are plenty at it."""
    directory = tmp_path_factory.mktemp("plain") / "facility"
    make_facility(directory, accounts=4)
    with served(directory) as running:
        seller, buyer = (Trader(running, *new_key(directory, number)) for number in (1, 2))
        seller.ask("POST", "/api/v3/order", **{**ORDER, "quantity": "50", "price": "100"})
        assert buyer.ask("POST", "/api/v3/order", **{**BUY, "quantity": "1", "price": "100"}).json()["fills"]
        yield running


def known_trader(gateway: Served, account_id: int) -> Trader:
    """Return a client whose key the gateway knows: the first request of a key takes the general path."""
    trader = Trader(gateway, *new_key(gateway.directory, account_id))
    assert trader.ask("POST", "/api/v3/order", **SENT["rests"], recvWindow=60_000).status_code == 200
    return trader


def without_own(found: Any) -> Any:
    """Return an answer without what differs between two orders of the same terms."""
    if isinstance(found, dict):
        return {name: without_own(value) for name, value in found.items() if name not in OWN_FIELDS}
    return [without_own(each) for each in found] if isinstance(found, list) else found


def heads(response: httpx.Response) -> list[tuple[str, str]]:
    """Return the head of an answer, in its order, without what counts."""
    return [(name, "" if name in COUNTS else value) for name, value in response.headers.multi_items()]


@pytest.mark.parametrize("what", SENT)
def test_both_paths_of_rest_answer_alike(gateway: Served, what: str) -> None:
    trader = known_trader(gateway, 3)
    found = {path: trader.ask("POST", "/api/v3/order", **SENT[what], recvWindow=w) for path, w in BOTH.items()}
    short, general = found["short"], found["general"]
    assert (short.status_code, heads(short)) == (general.status_code, heads(general))
    assert list(short.json()) == list(general.json())  # in the same order
    assert without_own(short.json()) == without_own(general.json())


@pytest.mark.parametrize("what", SENT)
def test_both_paths_of_the_socket_answer_alike(gateway: Served, what: str) -> None:
    key = new_key(gateway.directory, 4)
    with Socket(gateway.url, "/ws-api/v3") as socket:
        socket.ask_signed("order.place", key, **SENT["rests"])  # the first of a connection takes the general path
        asked = [socket.signed(key, **SENT[what], recvWindow=window) for window in BOTH.values()]
        short, general = (socket.ask("order.place", each) for each in asked)
    for each in (short, general):
        del each["id"], each["rateLimits"][0]["count"]
    assert list(short) == list(general)
    assert without_own(short) == without_own(general)


def test_both_paths_count_alike_and_a_request_counts_once(gateway: Served) -> None:
    trader = known_trader(gateway, 2)
    seen = []
    for window in BOTH.values():
        answer = trader.ask("POST", "/api/v3/order", **SENT["rests"], recvWindow=window)
        seen.append(int(answer.headers["x-mbx-order-count-1d"]))
        assert answer.headers["x-mbx-used-weight-1m"].isdigit()
    assert seen[1] in (seen[0] + 1, 1)  # or a new day began between them
    for window in BOTH.values():
        query = trader.signed({**SENT["rests"], "recvWindow": window})
        assert trader.send("POST", "/api/v3/order", query).status_code == 200
        assert code_of(trader.send("POST", "/api/v3/order", query)) == (400, -2010)


def test_a_plain_order_with_a_wrong_signature_or_out_of_time_is_refused_as_any_other(gateway: Served) -> None:
    trader = known_trader(gateway, 2)
    wrong = Trader(gateway, trader.key, "another")
    order = {**SENT["rests"], "recvWindow": 5_000}
    assert code_of(wrong.ask("POST", "/api/v3/order", **order)) == (400, -1022)
    late = trader.signed(order, at_ms=1_764_500_000_000)
    assert code_of(trader.send("POST", "/api/v3/order", late)) == (400, -1021)
    foreign = {"X-MBX-APIKEY": trader.key, "Origin": "https://example.org"}
    sent = httpx.post(f"{gateway.url}/api/v3/order?{trader.signed(order)}", headers=foreign)
    assert sent.status_code == 403
