"""What traders complain of elsewhere, each as a test by its name; the threads are those of other venues and clients.

Timeouts that double orders (ccxt 2599, XChange 3950), retries refused after acceptance (nautilus_trader 4215), dust
that stays in the book (SwitchDexIssues 24), local books that cross (cryptofeed 604, python-binance 27), balances that
are checked and not held (openware/peatio 2399), fills that are mailed and not booked (BlinkTradeJS 61).
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.unit.facility.feeds.local_book import LocalBook

from ..trading_stage import Served, make_facility, new_key, served
from .socket_client import Socket
from .test_gateway_attacks import ORDER, Trader, code_of

BUY = {**ORDER, "side": "BUY"}
BTC = {"symbol": "BTCUSD"}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve one facility with ten accounts; its last price is 100."""
    directory = tmp_path_factory.mktemp("complaints") / "facility"
    make_facility(directory, accounts=10)
    with served(directory) as running:
        buyer, seller = (Trader(running, *new_key(directory, number)) for number in (1, 2))
        buyer.ask("POST", "/api/v3/order", **BUY)
        assert seller.ask("POST", "/api/v3/order", **ORDER).json()["status"] == "FILLED"
        yield running


def trader_of(gateway: Served, number: int) -> Trader:
    """Return a client of an account."""
    return Trader(gateway, *new_key(gateway.directory, number))


def owned(trader: Trader) -> dict[str, tuple[Decimal, Decimal]]:
    """Return free and locked by asset."""
    rows = trader.ask("GET", "/api/v3/account").json()["balances"]
    return {each["asset"]: (Decimal(each["free"]), Decimal(each["locked"])) for each in rows}


def test_timeout_means_unknown_and_asking_by_the_client_s_id_tells(gateway: Served) -> None:
    """The server stands still while the request is under way; the client gives up, asks, and sends again."""
    trader = trader_of(gateway, 3)
    order = {**ORDER, "price": "140", "newClientOrderId": "timed-out", "recvWindow": 60_000}
    os.kill(gateway.process.pid, signal.SIGSTOP)
    try:
        with pytest.raises(httpx.ReadTimeout):
            trader.send("POST", "/api/v3/order", trader.signed(order), timeout=0.5)
    finally:
        os.kill(gateway.process.pid, signal.SIGCONT)
    deadline = time.monotonic() + 10
    while True:
        found = trader.ask("GET", "/api/v3/order", **BTC, origClientOrderId="timed-out")
        if found.status_code == 200 or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    assert found.json()["status"] == "NEW"
    assert code_of(trader.ask("POST", "/api/v3/order", **order)) == (400, -2010)
    assert len(trader.ask("GET", "/api/v3/openOrders", **BTC).json()) == 1
    assert owned(trader)["BTC"] == (Decimal(99), Decimal(1))
    trader.ask("DELETE", "/api/v3/openOrders", **BTC)


def test_retry_after_acceptance_is_refused_as_a_duplicate_and_the_first_stands(gateway: Served) -> None:
    trader = trader_of(gateway, 3)
    order = {**ORDER, "price": "141", "newClientOrderId": "again-and-again"}
    first = trader.ask("POST", "/api/v3/order", **order).json()
    answers = [trader.ask("POST", "/api/v3/order", **order) for _ in range(3)]
    assert [code_of(each) for each in answers] == [(400, -2010)] * 3
    assert all(each.json()["reject"] == "client_order_id_taken" for each in answers)
    found = trader.ask("GET", "/api/v3/order", **BTC, origClientOrderId="again-and-again").json()
    assert (found["orderId"], found["status"]) == (first["orderId"], "NEW")
    trader.ask("DELETE", "/api/v3/openOrders", **BTC)


def test_no_dust_stays_in_the_book(gateway: Served) -> None:
    """The smallest quantity is one lot: what is left is a lot or more and trades, or the order is gone."""
    seller, buyer = trader_of(gateway, 4), trader_of(gateway, 5)
    info = httpx.get(f"{gateway.url}/api/v3/exchangeInfo", params=BTC).json()["symbols"][0]
    lot = next(each["stepSize"] for each in info["filters"] if each["filterType"] == "LOT_SIZE")
    most = Decimal(1) - Decimal(lot)
    rest = seller.ask("POST", "/api/v3/order", **{**ORDER, "price": "120"}).json()["orderId"]
    buyer.ask("POST", "/api/v3/order", **{**BUY, "price": "120", "quantity": str(most)})
    left = seller.ask("GET", "/api/v3/order", **BTC, orderId=rest).json()
    assert Decimal(left["origQty"]) - Decimal(left["executedQty"]) == Decimal(lot)
    taken = buyer.ask("POST", "/api/v3/order", **{**BUY, "price": "120", "quantity": lot})
    if taken.status_code == 400:  # below the least notional, which is the venue's rule for a new order
        assert taken.json()["msg"] == "Filter failure: NOTIONAL"
        assert seller.ask("DELETE", "/api/v3/order", **BTC, orderId=rest).json()["status"] == "CANCELED"
    else:
        assert seller.ask("GET", "/api/v3/order", **BTC, orderId=rest).json()["status"] == "FILLED"
    seller.ask("GET", "/api/v3/account")
    deadline = time.monotonic() + 5
    while asks := httpx.get(f"{gateway.url}/api/v3/depth", params=BTC).json()["asks"]:
        assert time.monotonic() < deadline, asks
        time.sleep(0.05)
    assert owned(seller)["BTC"][1] == 0


def test_local_book_by_the_recipe_is_never_crossed(gateway: Served) -> None:
    """Random orders of two accounts; after every event the client's own best bid is below its best ask."""
    traders, chance = [trader_of(gateway, 6), trader_of(gateway, 7)], random.Random(7)
    book, socket = LocalBook(), Socket(gateway.url, "/ws/btcusd@depth@100ms")
    for step in range(60):
        side, price = chance.choice((BUY, ORDER)), str(chance.randint(95, 105))
        chance.choice(traders).ask("POST", "/api/v3/order", **{**side, "price": price, "quantity": "0.3"})
        if step == 20:
            drain(socket, book)
            assert book.on_snapshot(httpx.get(f"{gateway.url}/api/v3/depth", params={**BTC, "limit": 5_000}).json())
        elif step > 20:
            drain(socket, book)
    for each in traders:
        each.ask("DELETE", "/api/v3/openOrders", **BTC)
    socket.close()


def drain(socket: Socket, book: LocalBook) -> None:
    """Apply what has arrived, and look at the book after each event."""
    while True:
        try:
            event = socket.receive(0.12)
        except TimeoutError:
            return
        book.on_event(event)
        if book.update_id is not None and book.bids and book.asks:
            assert max(map(Decimal, book.bids)) < min(map(Decimal, book.asks))


def test_balance_is_held_with_the_acceptance_and_not_only_checked(gateway: Served) -> None:
    """Twenty orders at once, each for all that the account has: one is accepted, and it holds everything."""
    trader = trader_of(gateway, 8)
    all_of_it = {**ORDER, "quantity": "100", "price": "130"}
    with ThreadPoolExecutor(20) as pool:
        orders = [{**all_of_it, "newClientOrderId": f"all-{number}"} for number in range(20)]
        answers = list(pool.map(lambda order: trader.ask("POST", "/api/v3/order", **order), orders))
    accepted = [each for each in answers if each.status_code == 200]
    assert len(accepted) == 1
    refused = {each.json()["reject"] for each in answers if each.status_code != 200}
    assert refused == {"insufficient_balance"}
    assert owned(trader)["BTC"] == (Decimal(0), Decimal(100))
    trader.ask("DELETE", "/api/v3/openOrders", **BTC)
    assert owned(trader)["BTC"] == (Decimal(100), Decimal(0))


def test_fill_that_is_said_on_the_stream_is_in_balance_and_history_at_once(gateway: Served) -> None:
    """Each execution report of the maker is followed by one question, without a pause: the trade is there."""
    maker_key = new_key(gateway.directory, 9)
    maker, taker = Trader(gateway, *maker_key), trader_of(gateway, 10)
    socket = Socket(gateway.url, "/ws-api/v3")
    socket.ask_signed("userDataStream.subscribe.signature", maker_key)
    for count in range(1, 11):
        maker.ask("POST", "/api/v3/order", **{**ORDER, "price": "104", "quantity": "0.5"})
        taker.ask("POST", "/api/v3/order", **{**BUY, "price": "104", "quantity": "0.5"})
        said = socket.until(is_trade)["event"]
        mine = maker.ask("GET", "/api/v3/myTrades", **BTC).json()
        assert (len(mine), mine[-1]["id"]) == (count, said["t"])
        assert owned(maker)["BTC"][0] == Decimal(100) - Decimal("0.5") * count
    socket.close()


def is_trade(message: dict[str, Any]) -> bool:
    """Say whether a message is the execution report of a trade."""
    event = message.get("event", {})
    return bool(event.get("e") == "executionReport" and event.get("x") == "TRADE")
