"""Streams and the WebSocket API of a running gateway: trades, books, candles, user data, and what is refused."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

websockets = pytest.importorskip("websockets")

from ..trading_stage import Served, make_facility, new_key, served  # noqa: E402
from .socket_client import Socket  # noqa: E402

Key = tuple[str, str]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a facility with three funded accounts."""
    directory = tmp_path_factory.mktemp("streams") / "facility"
    make_facility(directory)
    with served(directory) as running:
        yield running


@pytest.fixture(scope="module")
def keys(gateway: Served) -> list[Key]:
    """Return a key of each account."""
    return [new_key(gateway.directory, account) for account in (1, 2, 3)]


def order(socket: Socket, key: Key, side: str, quantity: str, price: str, **more: str) -> Any:
    """Place a limit order over the WebSocket API."""
    terms = {"symbol": "BTCUSD", "side": side, "type": "LIMIT", "timeInForce": "GTC"}
    return socket.ask_signed("order.place", key, **terms, quantity=quantity, price=price, **more)


def test_order_over_the_api_trades_and_every_stream_says_so(gateway: Served, keys: list[Key]) -> None:
    names = "trade aggTrade bookTicker depth@100ms depth5@100ms kline_1m miniTicker ticker ticker_1h avgPrice".split()
    path = "/stream?streams=" + "/".join(f"btcusd@{name}" for name in names)
    with Socket(gateway.url, "/ws-api/v3") as api, Socket(gateway.url, path) as streams:
        assert order(api, keys[0], "SELL", "1", "100")["status"] == 200
        taken = order(api, keys[1], "BUY", "0.4", "101")["result"]
        assert (taken["status"], taken["executedQty"]) == ("FILLED", "0.40000000")
        trade = streams.until(lambda message: message["stream"] == "btcusd@trade")["data"]
        assert (trade["t"], float(trade["p"]), trade["q"], trade["m"]) == (1, 100, "0.40000000", False)
        found = {message["stream"].split("@", 1)[1]: message["data"] for message in streams.seen}
        while len(found) < len(names):
            message = streams.receive()
            found[message["stream"].split("@", 1)[1]] = message["data"]
        assert found["aggTrade"]["a"] == 1
        assert (found["kline_1m"]["k"]["n"], found["kline_1m"]["k"]["f"]) == (1, 1)
        assert (found["ticker_1h"]["e"], found["ticker_1h"]["n"]) == ("1hTicker", 1)
        assert float(found["ticker"]["c"]) == float(found["miniTicker"]["c"]) == float(found["avgPrice"]["w"]) == 100
        assert [[float(each) for each in level] for level in found["depth5@100ms"]["asks"]] == [[100, 0.6]]
        assert float(found["bookTicker"]["A"]) == 0.6


def test_user_data_says_what_happened_to_orders_and_balances(gateway: Served, keys: list[Key]) -> None:
    with Socket(gateway.url, "/ws-api/v3") as api, Socket(gateway.url, "/ws-api/v3") as user:
        assert user.ask_signed("userDataStream.subscribe.signature", keys[2])["result"] == {"subscriptionId": 0}
        placed = order(api, keys[2], "BUY", "2", "50", newClientOrderId="mine-1")["result"]
        report = user.until(lambda m: m.get("event", {}).get("e") == "executionReport")["event"]
        assert (report["x"], report["X"], report["c"], report["i"]) == ("NEW", "NEW", "mine-1", placed["orderId"])
        position = user.until(lambda m: m.get("event", {}).get("e") == "outboundAccountPosition")["event"]
        assert [(row["a"], float(row["l"])) for row in position["B"]] == [("USD", 100)]
        order(api, keys[0], "SELL", "0.5", "50")
        report = user.until(lambda m: m.get("event", {}).get("x") == "TRADE")["event"]
        assert (report["X"], float(report["l"]), float(report["z"]), report["m"]) == (
            "PARTIALLY_FILLED",
            0.5,
            0.5,
            True,
        )
        assert (report["N"], float(report["n"])) == ("BTC", 0.0005)  # a maker's 1,000 ppm of 0.5 BTC
        gone = api.ask_signed("order.cancel", keys[2], symbol="BTCUSD", origClientOrderId="mine-1")
        assert gone["result"]["status"] == "CANCELED"
        report = user.until(lambda m: m.get("event", {}).get("x") == "CANCELED")["event"]
        assert (report["X"], report["C"], float(report["z"])) == ("CANCELED", "mine-1", 0.5)
        position = user.until(lambda m: m.get("event", {}).get("e") == "outboundAccountPosition")["event"]
        balances = api.ask_signed("account.status", keys[2])["result"]["balances"]
        held = {row["asset"]: row["free"] for row in balances}
        assert {row["a"]: row["f"] for row in position["B"]}.items() <= held.items()


def test_session_logs_on_and_listens_and_another_account_hears_nothing(gateway: Served, keys: list[Key]) -> None:
    with Socket(gateway.url, "/ws-api/v3") as api:
        assert api.ask("userDataStream.subscribe")["error"]["code"] == -2015
        assert api.ask_signed("session.logon", keys[0])["result"]["apiKey"] == keys[0][0]
        assert api.ask("userDataStream.subscribe")["result"] == {"subscriptionId": 0}
        assert api.ask("openOrders.status", {"symbol": "BTCUSD"})["status"] == 200
        with Socket(gateway.url, "/ws-api/v3") as other:
            order(other, keys[1], "BUY", "1", "10")
        assert api.ask("ping")["result"] == {}
        assert not [message for message in api.seen if "event" in message]
        assert api.ask("session.logout")["result"]["apiKey"] is None
        assert api.ask("openOrders.status", {"symbol": "BTCUSD"})["error"]["code"] == -1102


def test_listen_key_opens_its_account_s_stream_until_it_is_closed(gateway: Served, keys: list[Key]) -> None:
    import httpx

    headers, address = {"X-MBX-APIKEY": keys[1][0]}, f"{gateway.url}/api/v3/userDataStream"
    listen_key = httpx.post(address, headers=headers).json()["listenKey"]
    assert httpx.put(address, headers=headers, params={"listenKey": listen_key}).json() == {}
    with Socket(gateway.url, f"/ws/{listen_key}") as user, Socket(gateway.url, "/ws-api/v3") as api:
        order(api, keys[1], "BUY", "1", "11")
        assert user.until(lambda m: m.get("e") == "executionReport")["p"].startswith("11")
    other = {"X-MBX-APIKEY": keys[0][0]}
    refused = httpx.delete(address, headers=other, params={"listenKey": listen_key})
    assert refused.json()["code"] == -1125
    assert httpx.delete(address, headers=headers, params={"listenKey": listen_key}).json() == {}
    with Socket(gateway.url, f"/ws/{listen_key}") as user:
        assert user.end()[0] == 1008


def test_streams_are_added_listed_and_taken_away(gateway: Served) -> None:
    with Socket(gateway.url, "/ws") as streams:
        assert streams.ask("SUBSCRIBE", ["btcusd@trade", "btcusd@depth"]) == {"result": None, "id": 1}
        assert streams.ask("UNSUBSCRIBE", ["btcusd@depth"]) == {"result": None, "id": 2}
        assert streams.ask("LIST_SUBSCRIPTIONS") == {"result": ["btcusd@trade"], "id": 3}
        assert streams.ask("SET_PROPERTY", ["combined", True]) == {"result": None, "id": 4}
        assert streams.ask("GET_PROPERTY", ["combined"]) == {"result": True, "id": 5}


HOSTILE = [
    ('{"method": "NO_SUCH", "id": 7}', 2, 7),
    ('{"method": "SUBSCRIBE", "params": ["nonsense@trade"], "id": 8}', 2, 8),
    ('{"method": "SUBSCRIBE", "params": [{}], "id": 9}', 2, 9),
    ('{"method": "SUBSCRIBE", "params": "btcusd@trade", "id": 10}', 2, 10),
    ('{"method": "SET_PROPERTY", "params": ["speed", 1], "id": 11}', 0, 11),
    ('{"method": "SET_PROPERTY", "params": ["combined", 1], "id": 12}', 1, 12),
    ('{"method": "SUBSCRIBE"', 3, None),
    ("[" * 20_000, 3, None),
    ('{"id": ' + "[" * 5_000 + "]" * 5_000 + "}", 3, None),
    ('{"id": 1e999999, "method": "SUBSCRIBE"}', 2, None),
    ('{"id": NaN}', 3, None),
    ("7", 2, None),
    ('{"id": {"a": 1}, "method": "SUBSCRIBE"}', 2, None),
]


@pytest.mark.parametrize(("text", "code", "number"), HOSTILE, ids=range(len(HOSTILE)))
def test_message_that_is_no_request_has_the_dialect_s_code_and_the_next_one_works(
    gateway: Served, text: str, code: int, number: int | None
) -> None:
    with Socket(gateway.url, "/ws") as streams:
        streams.connection.send(text)
        answer = streams.receive()
        assert (answer["code"], answer["id"]) == (code, number)
        assert streams.ask("LIST_SUBSCRIPTIONS")["result"] == []


API_HOSTILE = [
    ("{", -1100),
    ("[]", -1100),
    ("[" * 20_000, -1100),
    ('{"id": 1, "method": "no.such"}', -1020),
    ('{"id": 1}', -1102),
    ('{"id": 1, "method": "ping", "params": [1]}', -1100),
    ('{"id": 1, "method": "ping", "params": {"x": "1"}}', -1104),
    ('{"id": 1, "method": "order.place", "params": {"price": 0.1}}', -1100),
    ('{"id": 1, "method": "order.place", "params": {}}', -1102),
    ('{"id": 1, "method": "order.place", "params": {"apiKey": "x y", "signature": "a"}}', -2014),
    ('{"id": 1, "method": "account.status", "params": {"apiKey": "abc", "signature": "a"}}', -2015),
    ('{"id": 1, "method": "ping", "extra": 1}', -1101),
]


@pytest.mark.parametrize(("text", "code"), API_HOSTILE, ids=range(len(API_HOSTILE)))
def test_message_that_is_no_request_of_the_api_has_the_dialect_s_code(gateway: Served, text: str, code: int) -> None:
    with Socket(gateway.url, "/ws-api/v3") as api:
        api.connection.send(text)
        assert api.receive()["error"]["code"] == code
        assert api.ask("time")["status"] == 200


def test_signature_of_another_key_and_a_replayed_order_are_refused(gateway: Served, keys: list[Key]) -> None:
    with Socket(gateway.url, "/ws-api/v3") as api:
        forged = api.ask_signed("account.status", (keys[0][0], keys[1][1]))
        assert forged["error"]["code"] == -1022
        values = {"symbol": "BTCUSD", "side": "SELL", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1"}
        signed = api.signed(keys[0], **values, price="900")
        assert api.ask("order.place", signed)["status"] == 200
        assert api.ask("order.place", signed)["error"]["code"] == -2010


@pytest.mark.parametrize(
    ("path", "message", "code"),
    [("/ws", b"\x00\x01", 1003), ("/ws-api/v3", b"{}", 1003), ("/ws", "x" * 70_000, 1009)],
)
def test_binary_and_huge_messages_end_the_connection_with_a_reason(
    gateway: Served, path: str, message: str | bytes, code: int
) -> None:
    with Socket(gateway.url, path) as socket:
        socket.connection.send(message)
        assert socket.end()[0] == code


def test_client_that_sends_too_fast_is_told_and_ended(gateway: Served) -> None:
    with Socket(gateway.url, "/ws") as socket:
        for number in range(12):
            socket.connection.send(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": number}))
        assert socket.end() == (1008, "expected at most 5 messages a second")


def test_page_of_another_site_opens_no_socket_and_one_of_ours_does(gateway: Served) -> None:
    for path in ("/ws", "/stream", "/ws-api/v3"):
        with pytest.raises(websockets.InvalidStatus) as refused:
            Socket(gateway.url, path, origin="https://evil.example")
        assert refused.value.response.status_code == 403
        with Socket(gateway.url, path, origin=gateway.url) as socket:
            socket.connection.ping().wait(5)


def test_clients_are_told_that_the_server_stops_before_it_does(tmp_path: Path) -> None:
    """Event serverShutdown: changelog of the dialect, 8 May 2026."""
    make_facility(tmp_path / "facility", 1)
    with served(tmp_path / "facility") as running:
        with Socket(running.url, "/ws/btcusd@trade") as streams, Socket(running.url, "/ws-api/v3") as api:
            running.process.terminate()
            assert streams.receive()["e"] == "serverShutdown"
            assert api.receive()["e"] == "serverShutdown"
            assert streams.end() == api.end() == (1001, "the server stops, connect again")
        assert running.process.wait(30) == 0


def test_market_data_goes_on_where_it_was_after_the_server_was_killed(tmp_path: Path) -> None:
    make_facility(tmp_path / "facility", 2)
    keys = [new_key(tmp_path / "facility", account) for account in (1, 2)]
    with served(tmp_path / "facility") as running, Socket(running.url, "/ws-api/v3") as api:
        for price in ("100", "101", "102"):
            order(api, keys[0], "SELL", "1", price)
        assert order(api, keys[1], "BUY", "1.5", "101")["result"]["status"] == "FILLED"
        before = api.ask("depth", {"symbol": "BTCUSD"})["result"]
        running.process.kill()
        running.process.wait(30)
    with served(tmp_path / "facility") as running, Socket(running.url, "/ws-api/v3") as api:
        after = api.ask("depth", {"symbol": "BTCUSD"})["result"]
        assert (after["bids"], after["asks"]) == (before["bids"], before["asks"])
        assert after["lastUpdateId"] >= before["lastUpdateId"]
        with Socket(running.url, "/ws/btcusd@trade") as streams:
            time.sleep(0.2)
            order(api, keys[1], "BUY", "0.5", "101")
            assert streams.receive()["t"] == 3
