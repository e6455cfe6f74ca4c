"""What must not pass the gateway, each with the dialect's published code (binance-spot-api-docs, errors.md)."""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ..trading_stage import Served, make_facility, new_key, served

ORDER = {"symbol": "BTCUSD", "side": "SELL", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "100"}


class Trader:
    """A client that signs by hand, so that it can also sign wrongly."""

    def __init__(self, gateway: Served, key: str, secret: str) -> None:
        self.url, self.key, self.secret = gateway.url, key, secret

    def signed(self, parameters: dict[str, Any], *, at_ms: int | None = None) -> str:
        """Return a query with time and signature."""
        query = urlencode({**parameters, "timestamp": at_ms or time.time_ns() // 10**6})
        return f"{query}&signature={hmac.digest(self.secret.encode(), query.encode(), 'sha256').hex()}"

    def send(self, method: str, path: str, query: str, **more: Any) -> httpx.Response:
        """Send a request with the key."""
        return httpx.request(method, f"{self.url}{path}?{query}", headers={"X-MBX-APIKEY": self.key}, **more)

    def ask(self, method: str, path: str, **parameters: Any) -> httpx.Response:
        """Send a signed request."""
        return self.send(method, path, self.signed(parameters))


def code_of(response: httpx.Response) -> tuple[int, int]:
    """Return status and code of an error."""
    return response.status_code, response.json()["code"]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve one facility for the tests of this file."""
    directory = tmp_path_factory.mktemp("attacks") / "facility"
    make_facility(directory)
    with served(directory) as running:
        buyer, seller = (Trader(running, *new_key(directory, number)) for number in (2, 3))
        buyer.ask("POST", "/api/v3/order", **{**ORDER, "side": "BUY"})
        sold = seller.ask("POST", "/api/v3/order", **ORDER).json()
        assert sold["status"] == "FILLED"  # the reference price is 100 from here on, the collar from 50 to 150
        yield running


@pytest.fixture(scope="module")
def trader(gateway: Served) -> Trader:
    """Return the first account's client."""
    return Trader(gateway, *new_key(gateway.directory, 1))


def test_wrong_signature_is_refused_and_its_error_says_no_secret(trader: Trader) -> None:
    query = trader.signed(ORDER)
    response = trader.send("POST", "/api/v3/order", query[:-1] + ("0" if query[-1] != "0" else "1"))
    assert code_of(response) == (400, -1022)
    assert trader.secret not in response.text


def test_signed_bytes_may_not_be_changed_by_a_byte(trader: Trader) -> None:
    response = trader.send("POST", "/api/v3/order", trader.signed(ORDER).replace("quantity=1", "quantity=9"))
    assert code_of(response) == (400, -1022)


@pytest.mark.parametrize("shift_ms", [-6_000, 2_000])
def test_skewed_time_is_refused_with_the_server_s(trader: Trader, shift_ms: int) -> None:
    query = trader.signed(ORDER, at_ms=time.time_ns() // 10**6 + shift_ms)
    response = trader.send("POST", "/api/v3/order", query)
    assert code_of(response) == (400, -1021)


def test_replayed_order_counts_once(trader: Trader) -> None:
    query = trader.signed(ORDER)
    first = trader.send("POST", "/api/v3/order", query)
    assert first.status_code == 200
    again = trader.send("POST", "/api/v3/order", query)
    assert code_of(again) == (400, -2010)
    numbers = [each["orderId"] for each in trader.ask("GET", "/api/v3/openOrders").json()]
    assert numbers.count(first.json()["orderId"]) == 1


def test_another_account_s_order_is_unknown(gateway: Served, trader: Trader) -> None:
    mine = trader.ask("POST", "/api/v3/order", **ORDER).json()
    other = Trader(gateway, *new_key(gateway.directory, 2))
    names = {"symbol": "BTCUSD", "orderId": mine["orderId"]}
    assert code_of(other.ask("GET", "/api/v3/order", **names)) == (400, -2013)
    assert code_of(other.ask("DELETE", "/api/v3/order", **names)) == (400, -2011)
    amend = other.ask("PUT", "/api/v3/order/amend/keepPriority", **names, newQty="0.5")
    assert code_of(amend) == (400, -2038)
    outcome = other.ask("DELETE", "/v1/orders", symbol="BTCUSD", orderIds=str(mine["orderId"])).json()
    assert outcome[0]["error"]["reject"] == "order_unknown"
    named = {"symbol": "BTCUSD", "origClientOrderId": mine["clientOrderId"]}
    assert code_of(other.ask("GET", "/api/v3/order", **named)) == (400, -2013)
    assert other.ask("GET", "/api/v3/openOrders").json() == []
    assert trader.ask("GET", "/api/v3/order", **names).json()["status"] == "NEW"


def test_scope_escape_unknown_key_and_foreign_address_are_refused_alike(gateway: Served) -> None:
    reader = Trader(gateway, *new_key(gateway.directory, 1, ("read",)))
    assert reader.ask("GET", "/api/v3/account").status_code == 200
    assert code_of(reader.ask("POST", "/api/v3/order", **ORDER)) == (401, -2015)
    assert code_of(reader.ask("DELETE", "/api/v3/openOrders", symbol="BTCUSD")) == (401, -2015)
    elsewhere = Trader(gateway, *new_key(gateway.directory, 1, networks=["192.0.2.7"]))
    assert code_of(elsewhere.ask("GET", "/api/v3/account")) == (401, -2015)
    assert code_of(Trader(gateway, "NOSUCHKEY", "x").ask("GET", "/api/v3/account")) == (401, -2015)
    assert code_of(Trader(gateway, "no key at all!", "x").ask("GET", "/api/v3/account")) == (401, -2014)


def test_oversized_body_is_refused(trader: Trader) -> None:
    response = trader.send("POST", "/api/v3/order", "", content=b"a=" + b"x" * 20_000)
    assert code_of(response) == (413, -1101)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"color": "red"}, -1104),
        ({"price": "100.000000001"}, -1111),
        ({"quantity": "0.000000001"}, -1111),
        ({"price": "1e2"}, -1100),
        ({"price": "-1"}, -1100),
        ({"quantity": "0"}, -1013),
        ({"price": "100.5"}, -1013),
        ({"side": "HOLD"}, -1117),
        ({"type": "PEG"}, -1116),
        ({"timeInForce": "SOON"}, -1115),
        ({"symbol": "ETHUSD"}, -1121),
        ({"symbol": "BTCUSD' OR 1=1 --"}, -1121),
        ({"newClientOrderId": "Robert'); DROP TABLE orders;--"}, -1100),
        ({"newClientOrderId": "x" * 37}, -1100),
        ({"quoteOrderQty": "5"}, -1106),
        ({"selfTradePreventionMode": "NONE"}, -1130),
        ({"quantity": ""}, -1105),
        ({"quantity": None}, -1102),
        ({"quantity": "99999999999999999999"}, -1013),
        ({"price": "1000"}, None),
        ({"price": "1", "quantity": "1", "side": "SELL"}, -1013),
    ],
)
def test_each_malformed_order_has_its_code(trader: Trader, changes: dict[str, Any], code: int | None) -> None:
    order = {name: value for name, value in {**ORDER, **changes}.items() if value is not None}
    response = trader.ask("POST", "/api/v3/order", **order)
    if code is None:
        assert response.status_code == 200
        return
    assert code_of(response) == (400, code)


def test_a_parameter_twice_is_refused(trader: Trader) -> None:
    query = urlencode([*ORDER.items(), ("quantity", "2"), ("timestamp", time.time_ns() // 10**6)])
    signature = hmac.digest(trader.secret.encode(), query.encode(), "sha256").hex()
    assert code_of(trader.send("POST", "/api/v3/order", f"{query}&signature={signature}")) == (400, -1101)


def test_a_refusal_of_the_venue_carries_its_own_code_and_rule(trader: Trader) -> None:
    response = trader.ask("POST", "/api/v3/order", **{**ORDER, "quantity": "5000"}).json()
    assert (response["code"], response["rejectCode"], response["reject"]) == (-2010, 200, "insufficient_balance")
    assert response["expected"] == "500000000000"  # 5,000 BTC in minor units


def test_an_ed25519_key_trades(gateway: Served) -> None:
    private = Ed25519PrivateKey.generate()
    key, secret = new_key(gateway.directory, 3, public_key=private.public_key().public_bytes_raw())
    assert secret == ""
    trader = Trader(gateway, key, "")
    query = urlencode({**ORDER, "timestamp": time.time_ns() // 1_000})  # microseconds
    signature = base64.b64encode(private.sign(query.encode())).decode()
    response = trader.send("POST", "/api/v3/order", f"{query}&{urlencode({'signature': signature})}")
    assert response.json()["status"] == "NEW"


def test_weight_and_order_counts_are_said_and_a_placed_order_weighs_nothing(trader: Trader) -> None:
    """Changelog of 2 April 2026: placing and canceling weigh 0 where they succeed."""
    first = trader.ask("GET", "/api/v3/account")
    placed = trader.ask("POST", "/api/v3/order", **ORDER)
    after = trader.ask("GET", "/api/v3/account")
    weights = [int(each.headers["x-mbx-used-weight-1m"]) for each in (first, placed, after)]
    assert weights[1] == weights[0] or weights[1] < weights[0]  # the minute may have turned
    assert weights[2] - weights[1] in (20, 20 - weights[1])
    assert int(placed.headers["x-mbx-order-count-10s"]) >= 1
    assert int(placed.headers["x-mbx-order-count-1d"]) >= 1


def test_the_access_log_has_no_secret_and_no_query(gateway: Served, trader: Trader) -> None:
    trader.ask("GET", "/api/v3/account")
    time.sleep(0.3)
    text = (gateway.directory.with_name("facility.log") / "access.jsonl").read_text()
    assert "/api/v3/account" in text
    assert trader.secret not in text
    assert "signature" not in text


def test_a_revoked_key_is_out_within_two_seconds(gateway: Served) -> None:
    from tarazy.facility.accounts.api_keys import ApiKeyStore, api_keys_folder
    from tarazy.journal.keys import keys_folder

    leaving = Trader(gateway, *new_key(gateway.directory, 1))
    assert leaving.ask("GET", "/api/v3/account").status_code == 200
    store = ApiKeyStore(api_keys_folder(keys_folder(gateway.directory)))
    store.revoke(leaving.key, "test")
    store.close()
    time.sleep(2)
    assert code_of(leaving.ask("GET", "/api/v3/account")) == (401, -2015)


def test_serve_says_clearly_what_is_wrong(gateway: Served, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="another writer has this folder"), served(gateway.directory):
        pass
    with pytest.raises(AssertionError, match="expected"), served(tmp_path / "nothing"):
        pass
    port = gateway.url.rpartition(":")[2]
    make_facility(tmp_path / "other")
    with pytest.raises(AssertionError, match="choose another port"), served(tmp_path / "other", "--port", port):
        pass


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nope"), ("POST", "/"), ("GET", "/api/v3/nope"), ("PUT", "/v1/x")]
)
def test_what_is_not_there_is_an_error_of_our_form(trader: Trader, method: str, path: str) -> None:
    response = httpx.request(method, trader.url + path)
    assert code_of(response) == (404, -1000)
    assert response.json()["path"] == path


def test_root_says_what_lives_here(trader: Trader) -> None:
    found = httpx.get(trader.url + "/").json()
    assert httpx.get(f"{trader.url}{found['rest']}/ping").json() == {}


@pytest.mark.parametrize("path", ["exchangeInfo", "ticker/24hr", "ticker/price", "ticker/bookTicker"])
def test_symbol_named_twice_is_refused(trader: Trader, path: str) -> None:
    names = ",".join(['"BTCUSD"'] * 2)
    response = httpx.get(f"{trader.url}/api/v3/{path}", params={"symbols": f"[{names}]"})
    assert code_of(response) == (400, -1151)  # errors.md: the symbol is present multiple times in the list
