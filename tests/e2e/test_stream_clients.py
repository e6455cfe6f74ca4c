"""Clients that others wrote follow the streams: ccxt's WebSocket classes and python-binance's sockets, as they come.

Their books are compared with the engine's, replayed from the record, once trading stands still.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tarazy.cli.journal.seek import engine_after, last_seq, readable
from tarazy.facility.feeds.book import BUY, SELL

from ..trading_stage import Served, make_facility, new_key, served
from .socket_client import Socket

pytest.importorskip("ccxt")
pytest.importorskip("binance")

import ccxt.pro
from binance import AsyncClient, BinanceSocketManager

SYMBOL = "BTC/USD"
Key = tuple[str, str]


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Served]:
    """Serve a new facility with three funded accounts."""
    make_facility(tmp_path / "facility")
    with served(tmp_path / "facility") as running:
        yield running


def ccxt_client(gateway: Served, key: Key) -> Any:
    """Return ccxt's WebSocket class for Binance, pointed at the gateway."""
    options = {"fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False, "fetchMargins": False}
    client = ccxt.pro.binance({"apiKey": key[0], "secret": key[1], "options": options})
    base, socket = gateway.url, gateway.url.replace("http", "ws", 1)
    client.urls["api"].update(public=f"{base}/api/v3", private=f"{base}/api/v3", sapi=f"{base}/sapi/v1")
    client.urls["api"]["ws"]["spot"] = f"{socket}/ws"
    client.urls["api"]["ws"]["ws-api"]["spot"] = f"{socket}/ws-api/v3"
    return client


async def trade(gateway: Served, keys: list[Key], rounds: int) -> None:
    """Let two accounts place, take and cancel orders over the WebSocket API."""

    def play() -> None:
        with Socket(gateway.url, "/ws-api/v3") as api:
            for number in range(rounds):
                terms = {"symbol": "BTCUSD", "type": "LIMIT", "timeInForce": "GTC"}
                price = 100 + number % 7
                rest = api.ask_signed(
                    "order.place",
                    keys[0],
                    **terms,
                    side="SELL",
                    quantity="1",
                    price=str(price),
                    newClientOrderId=f"n{number}",
                )
                api.ask_signed("order.place", keys[0], **terms, side="BUY", quantity="2", price=str(80 + number % 5))
                if number % 3 == 0:
                    api.ask_signed("order.place", keys[1], **terms, side="BUY", quantity="0.25", price="110")
                if number % 4 == 0:
                    order_id = rest["result"]["orderId"]
                    api.ask_signed("order.cancel", keys[0], symbol="BTCUSD", orderId=order_id)

    await asyncio.to_thread(play)


def engine_book(directory: Path) -> dict[str, dict[float, float]]:
    """Return the engine's book after a replay of the record, in whole units."""
    market = readable(engine_after(directory, last_seq(directory))).state.markets[0]
    price_unit = market.tick_value_minor / market.lot_size_minor
    found: dict[str, dict[float, float]] = {}
    for name, side in (("bids", BUY), ("asks", SELL)):
        found[name] = {
            abs(key) * price_unit: sum(o.visible_lots for o in queue.values()) * market.lot_size_minor / 1e8
            for key, queue in market.book.levels[side].items()
        }
    return found


def stopped(gateway: Served) -> None:
    """Stop the gateway as Ctrl-C does."""
    gateway.process.terminate()
    assert gateway.process.wait(30) == 0


async def watch_until(watch: Any, is_it: Any, timeout_s: float = 20) -> Any:
    """Watch until what comes is what is waited for."""
    async with asyncio.timeout(timeout_s):
        while True:
            found = await watch()
            if is_it(found):
                return found


def test_ccxt_pro_s_book_is_the_engine_s_and_its_trades_candles_and_ticker_come(gateway: Served) -> None:
    keys = [new_key(gateway.directory, account) for account in (1, 2, 3)]

    async def follow() -> Any:
        client = ccxt_client(gateway, keys[2])
        try:
            await client.load_markets()
            trading = asyncio.create_task(trade(gateway, keys, 30))
            while not trading.done():
                watched = asyncio.create_task(client.watch_order_book(SYMBOL))
                await asyncio.wait({trading, watched}, return_when=asyncio.FIRST_COMPLETED)
                if not watched.done():  # the last round changed the book before it was done; the next round ends this
                    break
                book = watched.result()
                if book["bids"] and book["asks"]:
                    assert book["bids"][0][0] < book["asks"][0][0]
            await trading
            asks = asyncio.create_task(client.watch_trades(SYMBOL))
            candles = asyncio.create_task(client.watch_ohlcv(SYMBOL, "1m"))
            ticker = asyncio.create_task(client.watch_ticker(SYMBOL))
            await asyncio.sleep(0.5)
            await trade(gateway, keys, 1)
            seen = [await asyncio.wait_for(task, 15) for task in (asks, candles, ticker)]
            await asyncio.wait_for(watched, 15)
            await asyncio.sleep(0.5)
            return client.orderbooks[SYMBOL], seen
        finally:
            await client.close()

    book, (trades, candles, ticker) = asyncio.run(follow())
    stopped(gateway)
    expected = engine_book(gateway.directory)
    assert dict(book["bids"]) == expected["bids"]
    assert dict(book["asks"]) == expected["asks"]
    assert trades[-1]["amount"] == 0.25
    assert candles[-1][4] == ticker["last"] == trades[-1]["price"]


def test_ccxt_pro_hears_its_orders_fills_and_balance(gateway: Served) -> None:
    keys = [new_key(gateway.directory, account) for account in (1, 2, 3)]

    async def follow() -> Any:
        client = ccxt_client(gateway, keys[2])
        try:
            await client.load_markets()
            orders = asyncio.create_task(client.watch_orders(SYMBOL))
            fills = asyncio.create_task(client.watch_my_trades(SYMBOL))
            balance = asyncio.create_task(watch_until(client.watch_balance, lambda b: b["USD"]["used"] == 100))
            await asyncio.sleep(1)
            placed = await client.create_order(SYMBOL, "limit", "buy", 2, 50)
            first = await asyncio.wait_for(orders, 15)
            held = (await balance)["USD"]["total"]
            with_fill = asyncio.create_task(watch_until(client.watch_orders, lambda found: found[-1]["filled"] == 0.5))
            with Socket(gateway.url, "/ws-api/v3") as api:
                terms = {"symbol": "BTCUSD", "type": "LIMIT", "timeInForce": "GTC", "side": "SELL"}
                await asyncio.to_thread(api.ask_signed, "order.place", keys[0], **terms, quantity="0.5", price="50")
            return placed, first, held, (await with_fill)[-1], await asyncio.wait_for(fills, 15)
        finally:
            await client.close()

    placed, first, held, filled, fills = asyncio.run(follow())
    assert (first[-1]["id"], first[-1]["status"]) == (placed["id"], "open")
    assert held == 10_000_000
    assert (filled["id"], filled["status"], filled["remaining"]) == (placed["id"], "open", 1.5)
    assert (fills[-1]["order"], fills[-1]["amount"], fills[-1]["takerOrMaker"]) == (placed["id"], 0.5, "maker")
    assert fills[-1]["fee"] == {"cost": 0.0005, "currency": "BTC"}  # a maker's 1,000 ppm


def test_python_binance_sockets_hear_trades_books_and_their_user_s_orders(gateway: Served) -> None:
    keys = [new_key(gateway.directory, account) for account in (1, 2, 3)]
    socket_url = gateway.url.replace("http", "ws", 1)

    class Pointed(AsyncClient):  # type: ignore[misc]
        API_URL = f"{gateway.url}/api"
        WS_API_URL = f"{socket_url}/ws-api/v3"

    async def follow() -> Any:
        client = await Pointed.create(*keys[1])
        try:
            manager = BinanceSocketManager(client)
            manager.STREAM_URL = f"{socket_url}/"
            heard: dict[str, Any] = {}
            sockets = {
                "trade": manager.trade_socket("BTCUSD"),
                "depth": manager.depth_socket("BTCUSD", depth=5, interval=100),
                "kline": manager.kline_socket("BTCUSD", interval="1m"),
                "user": manager.user_socket(),
            }

            async def listen(name: str, socket: Any) -> None:
                async with socket as opened:
                    while True:
                        found = await opened.recv()
                        found = found.get("event", found)
                        heard[found.get("x", name) if name == "user" else name] = found

            tasks = [asyncio.create_task(listen(*each)) for each in sockets.items()]
            await asyncio.sleep(1.5)
            await trade(gateway, keys, 4)
            await asyncio.sleep(1.5)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            return heard
        finally:
            await client.close_connection()

    heard = asyncio.run(follow())
    assert (heard["trade"]["e"], heard["trade"]["q"]) == ("trade", "0.25000000")
    assert len(heard["depth"]["asks"]) >= 1
    assert heard["kline"]["k"]["i"] == "1m"
    assert heard["TRADE"]["X"] == "FILLED"
