"""Trade with ccxt: look at the book, place an order, change it, leave a stop, cancel both, see the balance.

Usage: python examples/02_ccxt_orders.py http://127.0.0.1:8080 API_KEY API_SECRET BTC/USD

Needs ccxt. `configuration` is all that ccxt has to be told. Guide: docs/guides/trade-with-your-client.md
"""

from __future__ import annotations

import sys
from typing import Any

import ccxt


def configuration(base: str, api_key: str, api_secret: str) -> dict[str, Any]:
    """Return ccxt's settings: addresses, and options that keep it from asking for margin and for wallets."""
    socket = base.replace("http", "ws", 1)
    streams = {"spot": f"{socket}/ws", "ws-api": {"spot": f"{socket}/ws-api/v3"}}
    addresses = {"public": f"{base}/api/v3", "private": f"{base}/api/v3", "sapi": f"{base}/sapi/v1", "ws": streams}
    options = {"fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False, "fetchMargins": False}
    return {"apiKey": api_key, "secret": api_secret, "options": options, "urls": {"api": addresses}}


def main(base: str, api_key: str, api_secret: str, symbol: str) -> None:
    """Trade."""
    exchange = ccxt.binance(configuration(base, api_key, api_secret))
    market = exchange.load_markets()[symbol]
    bid = exchange.fetch_order_book(symbol)["bids"][0][0]
    amount = exchange.amount_to_precision(symbol, 0.01)
    low, high = (float(exchange.price_to_precision(symbol, bid * part)) for part in (0.97, 1.05))
    order = exchange.create_order(symbol, "limit", "buy", amount, low)
    print("placed", order["id"], order["price"], order["status"])
    order = exchange.edit_order(order["id"], symbol, "limit", "buy", amount, low - market["precision"]["price"])
    print("changed", order["id"], order["price"], order["status"])
    stop = exchange.create_order(symbol, "limit", "buy", amount, high, {"stopLossPrice": high})
    print("stop", stop["id"], exchange.fetch_order(stop["id"], symbol)["triggerPrice"])
    for each in exchange.fetch_open_orders(symbol):
        print("canceled", each["id"], exchange.cancel_order(each["id"], symbol)["status"])
    print("balance", market["quote"], exchange.fetch_balance()[market["quote"]])


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
