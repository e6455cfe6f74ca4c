"""Kill -9 under load: every order that was acknowledged is there after the restart, once, under its client's name."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import httpx
import pytest

from ..signing_stage import signing_client
from ..trading_stage import make_facility, new_key, served
from .socket_client import Socket
from .test_gateway_attacks import ORDER, Trader

CLIENTS, ORDERS_MIN, SECONDS_MAX = 4, 6, 60


class Sender(threading.Thread):
    """Places orders one after the other until the gateway is gone; keeps what was acknowledged and what was sent."""

    def __init__(self, trader: Trader, name: str) -> None:
        super().__init__()
        self.trader, self.prefix = trader, name
        self.acknowledged: dict[str, int] = {}
        self.sent: list[str] = []

    def run(self) -> None:
        """Send."""
        while True:
            name = f"{self.prefix}-{len(self.sent)}"
            self.sent.append(name)
            try:
                answer = self.trader.ask("POST", "/api/v3/order", **ORDER, newClientOrderId=name)
            except httpx.HTTPError:
                return
            if answer.status_code == 200:
                self.acknowledged[name] = answer.json()["orderId"]


def test_acknowledged_orders_survive_a_kill_and_the_others_can_be_asked_about(tmp_path: Path) -> None:
    directory = tmp_path / "facility"
    make_facility(directory, accounts=CLIENTS)
    keys = [new_key(directory, number) for number in range(1, CLIENTS + 1)]
    with served(directory) as gateway:
        senders = [Sender(Trader(gateway, *key), f"c{number}") for number, key in enumerate(keys, 1)]
        for sender in senders:
            sender.start()
        deadline_s = time.monotonic() + SECONDS_MAX
        while min(len(sender.acknowledged) for sender in senders) < ORDERS_MIN and time.monotonic() < deadline_s:
            time.sleep(0.05)
        gateway.process.kill()
        for sender in senders:
            sender.join(30)
    with served(directory) as gateway:
        for sender in senders:
            assert len(sender.acknowledged) >= ORDERS_MIN
            trader = Trader(gateway, sender.trader.key, sender.trader.secret)
            found = {each["clientOrderId"]: each["orderId"] for each in trader.ask("GET", "/api/v3/openOrders").json()}
            assert found.items() >= sender.acknowledged.items()
            assert set(found) <= set(sender.sent)
            lost = sender.sent[-1]  # whose answer never came: ask by its name, then send it again
            asked = trader.ask("GET", "/api/v3/order", symbol="BTCUSD", origClientOrderId=lost)
            again = trader.ask("POST", "/api/v3/order", **ORDER, newClientOrderId=lost)
            if asked.status_code == 200:
                assert (again.status_code, again.json()["code"]) == (400, -2010)
            else:
                assert asked.json()["code"] == -2013
                assert again.status_code == 200
            names = [each["clientOrderId"] for each in trader.ask("GET", "/api/v3/openOrders").json()]
            assert names.count(lost) == 1
            first, number = next(iter(sender.acknowledged.items()))
            named = trader.ask("GET", "/api/v3/order", symbol="BTCUSD", origClientOrderId=first).json()
            assert named["orderId"] == number


def test_request_that_was_ordered_before_a_kill_is_not_ordered_again_behind_it(tmp_path: Path) -> None:
    """Whoever saw a request has a minute to send it again, and a withdrawal without a number has no other guard."""
    directory, name, withdraw = tmp_path / "facility", "/v1/withdrawals", ("withdraw", "read")
    make_facility(directory, accounts=2)
    key = new_key(directory, 1, withdraw)
    terms = {"asset": "USD", "amount": "5", "destination": "KZ75", "recvWindow": 60_000}
    with served(directory) as gateway:
        shared, own = Trader(gateway, *key), signing_client(gateway, 2)
        queries = shared.signed(terms), own.query(**terms)
        assert shared.send("POST", name, queries[0]).status_code == 200
        assert "withdrawalId" in own.send("POST", name, queries[1])
        gateway.process.kill()
    with served(directory) as gateway:
        shared, own = Trader(gateway, *key), own._replace(url=gateway.url)
        assert shared.send("POST", name, queries[0]).json()["code"] == -1021
        assert own.send("POST", name, queries[1])["code"] == -1021
        assert len(shared.ask("GET", name).json()["rows"]) == len(own.ask("GET", name)["rows"]) == 1
        assert shared.ask("POST", name, **terms).status_code == 200


def test_timeout_means_unknown_and_the_order_is_asked_for_by_its_client_order_id_for_ever(tmp_path: Path) -> None:
    """Errors of Binance Spot: -1007 means "Send status unknown; execution status unknown", over REST and WebSocket.

    The engine is held, so no answer comes; both orders are taken all the same, once each. Their names are answered
    when many others have come after them, when they are canceled, and by a server that was started anew.
    """
    directory, gate = tmp_path / "facility", tmp_path / "held"
    make_facility(directory)
    key = new_key(directory, 1)
    names = {"by-rest", "by-socket"}
    with served(directory, "--engine", "spec", program=("tests.held_server", str(gate))) as gateway:
        trader = Trader(gateway, *key)
        gate.touch()
        answer = trader.ask("POST", "/api/v3/order", **ORDER, newClientOrderId="by-rest")
        assert (answer.status_code, answer.json()["code"]) == (504, -1007)
        assert answer.json()["origClientOrderId"] == "by-rest"
        with Socket(gateway.url, "/ws-api/v3") as socket:
            told = socket.ask_signed("order.place", key, **ORDER, newClientOrderId="by-socket")
        assert (told["status"], told["error"]["code"]) == (504, -1007)
        gate.unlink()
        numbers = {name: asked_until_known(trader, name) for name in names}
        for number in range(40):
            trader.ask("POST", "/api/v3/order", **ORDER, newClientOrderId=f"later-{number}")
        opened = [each["clientOrderId"] for each in trader.ask("GET", "/api/v3/openOrders").json()]
        assert [opened.count(name) for name in names] == [1, 1]
        trader.ask("DELETE", "/api/v3/openOrders", symbol="BTCUSD")
    with served(directory) as gateway:
        trader = Trader(gateway, *key)
        for name in names:
            found = trader.ask("GET", "/api/v3/order", symbol="BTCUSD", origClientOrderId=name).json()
            assert (found["orderId"], found["status"]) == (numbers[name], "CANCELED")
        never = trader.ask("GET", "/api/v3/order", symbol="BTCUSD", origClientOrderId="never-sent")
        assert never.json()["code"] == -2013


def asked_until_known(trader: Trader, name: str) -> int:
    """Ask by a client order id until the order is there; return its number."""
    deadline_s = time.monotonic() + SECONDS_MAX
    while time.monotonic() < deadline_s:
        answer = trader.ask("GET", "/api/v3/order", symbol="BTCUSD", origClientOrderId=name)
        if answer.status_code == 200:
            number: int = answer.json()["orderId"]
            return number
        assert answer.json()["code"] == -2013
        time.sleep(0.05)
    raise AssertionError(f"{name} did not become known")


def test_read_models_that_are_lost_are_made_anew(tmp_path: Path) -> None:
    directory = tmp_path / "facility"
    make_facility(directory)
    key = new_key(directory, 1)
    with served(directory) as gateway:
        trader = Trader(gateway, *key)
        placed = trader.ask("POST", "/api/v3/order", **ORDER, newClientOrderId="kept").json()
        balances = trader.ask("GET", "/api/v3/account").json()["balances"]
    for path in directory.glob("projections.sqlite3*"):
        path.unlink()
    with served(directory) as gateway:
        trader = Trader(gateway, *key)
        found = trader.ask("GET", "/api/v3/order", symbol="BTCUSD", origClientOrderId="kept").json()
        assert (found["orderId"], found["time"]) == (placed["orderId"], placed["transactTime"])
        assert trader.ask("GET", "/api/v3/account").json()["balances"] == balances


@pytest.mark.parametrize("signal_name", ["SIGINT", "SIGTERM"])
def test_a_signal_ends_it_cleanly_and_the_record_verifies(tmp_path: Path, signal_name: str) -> None:
    import signal

    from tarazy.journal.verify import verify

    directory = tmp_path / "facility"
    make_facility(directory)
    key = new_key(directory, 1)
    with served(directory) as gateway:
        placed = Trader(gateway, *key).ask("POST", "/api/v3/order", **ORDER)
        assert placed.status_code == 200
        gateway.process.send_signal(getattr(signal, signal_name))
        assert gateway.process.wait(30) == 0
    assert verify(directory).ok


def test_both_databases_answer_and_go_on_after_a_restart(tmp_path: Path, database: str) -> None:
    """Orders, lists, trades and balances in SQLite and PostgreSQL; the second start goes on with what is stored."""
    directory = tmp_path / "facility"
    make_facility(directory)
    keys = [new_key(directory, number) for number in (1, 2)]
    pair = {"aboveType": "LIMIT_MAKER", "abovePrice": "120", "belowType": "STOP_LOSS", "belowStopPrice": "80"}
    with served(directory, "--sql", database) as gateway:
        seller, buyer = (Trader(gateway, *key) for key in keys)
        rest = seller.ask("POST", "/api/v3/order", **{**ORDER, "quantity": "2"}, newClientOrderId="rest").json()
        taken = buyer.ask("POST", "/api/v3/order", **{**ORDER, "side": "BUY", "price": "101"}).json()
        assert (taken["status"], taken["fills"][0]["tradeId"]) == ("FILLED", 1)
        listed = seller.ask("POST", "/api/v3/orderList/oco", symbol="BTCUSD", side="SELL", quantity="1", **pair).json()
    with served(directory, "--sql", database) as gateway:
        seller = Trader(gateway, *keys[0])
        seen = seller.ask("GET", "/api/v3/order", symbol="BTCUSD", origClientOrderId="rest").json()
        assert (seen["orderId"], seen["status"], seen["executedQty"]) == (
            rest["orderId"],
            "PARTIALLY_FILLED",
            "1.00000000",
        )
        since = seller.ask("GET", "/api/v3/allOrders", symbol="BTCUSD", startTime=seen["time"]).json()
        assert len(since) == 3
        assert seller.ask("GET", "/api/v3/allOrders", symbol="BTCUSD", endTime=seen["time"] - 1).json() == []
        (trade,) = seller.ask("GET", "/api/v3/myTrades", symbol="BTCUSD", fromId=1).json()
        assert (trade["id"], trade["isMaker"], trade["commission"]) == (1, True, "0.10000000")  # 100 USD at 1,000 ppm
        history = seller.send("GET", "/api/v3/aggTrades", "symbol=BTCUSD&fromId=1").json()
        assert [(each["f"], each["l"]) for each in history] == [(1, 1)]
        assert (
            seller.ask("DELETE", "/api/v3/orderList", symbol="BTCUSD", orderListId=listed["orderListId"]).status_code
            == 200
        )
        assert seller.ask("DELETE", "/api/v3/openOrders", symbol="BTCUSD").status_code == 200
        balances = {each["asset"]: each for each in seller.ask("GET", "/api/v3/account").json()["balances"]}
        assert (balances["BTC"]["free"], balances["BTC"]["locked"]) == ("99.00000000", "0.00000000")
        assert balances["USD"]["free"] == "10000099.90000000"
