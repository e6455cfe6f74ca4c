"""Check, before a client trades for real, that an address answers as a client of the dialect expects.

Usage: python examples/03_conformance.py http://127.0.0.1:8080 API_KEY API_SECRET BTCUSD

Needs nothing but Python. Each line is one expectation that client libraries have; orders rest below the market and are
canceled again. Ends with 0 where every line says ok. Reference: docs/reference/gateway.md
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

WAIT_S = 15


class Client:
    """Asks and signs."""

    def __init__(self, base: str, key: str, secret: str, symbol: str) -> None:
        self.base, self.key, self.secret, self.symbol = base.rstrip("/"), key, secret, symbol
        self.headers: dict[str, str] = {}
        self.filters: dict[str, dict[str, str]] = {}

    def ask(self, method: str, path: str, body: str = "", **terms: Any) -> Any:
        """Send a request and return the answer, of an error too."""
        url = f"{self.base}/api/v3/{path}" + (f"?{urlencode(terms)}" if terms else "")
        headers = {"X-MBX-APIKEY": self.key}
        request = urllib.request.Request(url, body.encode() or None, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
                self.headers = {name.lower(): value for name, value in answer.headers.items()}
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)

    def signed(self, method: str, path: str, *, late_ms: int = 0, in_body: bool = False, **terms: Any) -> Any:
        """Send a signed request, its terms in the query or in a form."""
        terms = {**terms, "recvWindow": 5_000, "timestamp": int(time.time() * 1000) - late_ms}
        terms["signature"] = hmac.new(self.secret.encode(), urlencode(terms).encode(), hashlib.sha256).hexdigest()
        return self.ask(method, path, urlencode(terms)) if in_body else self.ask(method, path, **terms)

    def near_bid(self, part: str) -> str:
        """Return a price on the grid at this part of the best bid."""
        bid = Decimal(self.ask("GET", "depth", symbol=self.symbol, limit=5)["bids"][0][0])
        tick = Decimal(self.filters["PRICE_FILTER"]["tickSize"])
        return str((bid * Decimal(part) // tick) * tick)

    def quantity(self) -> str:
        """Return a quantity on the grid that is worth twice the least value."""
        step = Decimal(self.filters["LOT_SIZE"]["stepSize"])
        least = Decimal(self.filters["NOTIONAL"]["minNotional"]) * 2 / Decimal(self.near_bid("0.9"))
        return f"{max((least // step + 1) * step, Decimal(self.filters['LOT_SIZE']['minQty'])):f}"

    def place(self, **terms: Any) -> Any:
        """Place a limit order below the market, unless the terms say otherwise."""
        order = {"symbol": self.symbol, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
        order |= {"quantity": self.quantity(), "price": self.near_bid("0.96")}
        return self.signed("POST", "order", **(order | terms))


def need(found: Any, expected: Any) -> None:
    """Raise where something else was found."""
    if found != expected:
        raise ValueError(f"expected {expected!r}, found {found!r}")


def clocks_agree(client: Client) -> None:
    """The server's time is within a second of this machine's."""
    need(abs(client.ask("GET", "time")["serverTime"] - time.time() * 1000) < 1000, True)


def symbol_has_filters(client: Client) -> None:
    """The symbol trades, and says its grid and its least value."""
    symbol = client.ask("GET", "exchangeInfo", symbol=client.symbol)["symbols"][0]
    need(symbol["status"], "TRADING")
    client.filters = {each["filterType"]: each for each in symbol["filters"]}
    need({"PRICE_FILTER", "LOT_SIZE", "NOTIONAL"} <= client.filters.keys(), True)


def depth_is_in_order(client: Client) -> None:
    """Bids fall, asks rise, they do not cross, amounts are decimal strings, and weights are told."""
    depth = client.ask("GET", "depth", symbol=client.symbol, limit=100)
    bids, asks = ([Decimal(price) for price, _ in depth[side]] for side in ("bids", "asks"))
    need((bids, asks), (sorted(bids, reverse=True), sorted(asks)))
    need(not (bids and asks) or bids[0] < asks[0], True)
    need(type(depth["bids"][0][0]), str)
    need("x-mbx-used-weight-1m" in client.headers, True)


def wrong_signature_is_refused(client: Client) -> None:
    """-1022."""
    stranger = Client(client.base, client.key, "not the secret", client.symbol)
    need(stranger.signed("GET", "account")["code"], -1022)


def old_request_is_refused(client: Client) -> None:
    """-1021."""
    need(client.signed("GET", "account", late_ms=10_000)["code"], -1021)


def price_off_the_grid_is_refused(client: Client) -> None:
    """-1013."""
    half = Decimal(client.filters["PRICE_FILTER"]["tickSize"]) / 2
    need(client.place(price=f"{Decimal(client.near_bid('0.96')) + half:f}")["code"], -1013)


def test_order_places_nothing(client: Client) -> None:
    """`order/test` checks and leaves no order."""
    terms = {"symbol": client.symbol, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
    price, quantity = client.near_bid("0.96"), client.quantity()
    answer = client.signed("POST", "order/test", **terms, price=price, quantity=quantity, newClientOrderId="tested")
    need(answer, {})
    need(client.signed("GET", "order", symbol=client.symbol, origClientOrderId="tested")["code"], -2013)


def order_lives_and_its_hold_ends(client: Client) -> None:
    """Placed, found by its client id, refused a second time, made smaller in its place, canceled; the money is back."""
    before, name = balances(client), secrets.token_hex(8)
    order = client.place(newClientOrderId=name)
    need(order.get("status"), "NEW")
    found = client.signed("GET", "order", symbol=client.symbol, origClientOrderId=name)
    need((found["orderId"], found["status"]), (order["orderId"], "NEW"))
    need(client.place(newClientOrderId=name)["code"], -2010)
    need(balances(client) != before, True)
    names = {"symbol": client.symbol, "orderId": order["orderId"]}
    need(client.signed("DELETE", "order", in_body=True, **names)["status"], "CANCELED")
    need(client.signed("DELETE", "order", **names)["code"], -2011)
    need(balances(client), before)


def stop_answers_to_its_id(client: Client) -> None:
    """A stop is among the open orders and is canceled by its id in the query."""
    high = client.near_bid("1.05")
    order = client.place(type="STOP_LOSS_LIMIT", stopPrice=high, price=high)
    rows = client.signed("GET", "openOrders", symbol=client.symbol)
    need(order.get("orderId") in {row["orderId"] for row in rows}, True)
    answer = client.signed("DELETE", "order", symbol=client.symbol, orderId=order["orderId"])
    need(answer["status"], "CANCELED")


def pair_leaves_as_one(client: Client) -> None:
    """Of an OCO pair, canceling one order cancels both."""
    above = {"aboveType": "STOP_LOSS_LIMIT", "aboveStopPrice": client.near_bid("1.05"), "aboveTimeInForce": "GTC"}
    terms = {**above, "abovePrice": client.near_bid("1.05"), "belowType": "LIMIT_MAKER"}
    terms |= {"belowPrice": client.near_bid("0.96"), "quantity": client.quantity()}
    pair = client.signed("POST", "orderList/oco", symbol=client.symbol, side="BUY", **terms)
    numbers = {row["orderId"] for row in pair.get("orders", [])}
    need(len(numbers), 2)
    client.signed("DELETE", "order", symbol=client.symbol, orderId=min(numbers))
    left = {row["orderId"] for row in client.signed("GET", "openOrders", symbol=client.symbol)}
    need(numbers & left, set())


def balances(client: Client) -> dict[str, tuple[str, str]]:
    """Return free and locked by asset."""
    rows = client.signed("GET", "account")["balances"]
    return {row["asset"]: (row["free"], row["locked"]) for row in rows}


CHECKS: tuple[Callable[[Client], None], ...] = (
    clocks_agree,
    symbol_has_filters,
    depth_is_in_order,
    wrong_signature_is_refused,
    old_request_is_refused,
    price_off_the_grid_is_refused,
    test_order_places_nothing,
    order_lives_and_its_hold_ends,
    stop_answers_to_its_id,
    pair_leaves_as_one,
)


def main(base: str, key: str, secret: str, symbol: str) -> int:
    """Run every check; return how many failed."""
    client, failed = Client(base, key, secret, symbol), 0
    for check in CHECKS:
        try:
            check(client)
            print(f"ok      {check.__name__}")
        except (ValueError, KeyError, IndexError, TypeError, OSError) as error:
            failed += 1
            print(f"FAILED  {check.__name__}: {error!r}")
    return failed


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    sys.exit(1 if main(*sys.argv[1:]) else 0)
