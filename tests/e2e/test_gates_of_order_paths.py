"""The gates of an order on every way to trade: off the book, in batches, and where an order is changed over FIX.

What is right: a request for a quote is traded once at most, however often its acceptance is sent; a client who states
that it signs everything is bound by nothing that it did not sign (docs/concepts/signed-requests.md); a request that
fails costs the weight of one, on its own or among others (binance-spot-api-docs, changelog of April 2026).
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tarazy.cli.demo.demo_serve import instruct
from tarazy.cli.engines import fastest, load_engine
from tarazy.domain.records import ParameterTable, SetParameter
from tarazy.facility.block_desk.quotes import OF_REQUEST_MAX
from tarazy.facility.sequencer.sequencer import Sequencer

from ..trading_stage import COIN, Served, make_facility, new_key, remember_client_ids, served
from .test_gateway_attacks import ORDER, Trader, code_of
from .test_order_batch import CANCEL, send
from .test_order_batch import ORDER as IN_BATCH

AT_ONCE = 8
WEIGHT = "x-mbx-used-weight-1m"


class SigningTrader(Trader):
    """A client that signs with a key of its own."""

    def __init__(self, gateway: Served, account_id: int, **terms: Any) -> None:
        self.private = Ed25519PrivateKey.generate()
        public = self.private.public_key().public_bytes_raw()
        super().__init__(gateway, *new_key(gateway.directory, account_id, public_key=public, **terms))

    def signed(self, parameters: dict[str, Any], *, at_ms: int | None = None) -> str:
        """Return a query with time and signature."""
        query = urlencode({**parameters, "timestamp": at_ms or time.time_ns() // 10**6})
        signature = base64.b64encode(self.private.sign(query.encode())).decode()
        return f"{query}&{urlencode({'signature': signature})}"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a facility with blocks from 1,000 USD, that remembers client order ids; the reference price is 100."""
    directory = tmp_path_factory.mktemp("gates") / "facility"
    desk = make_facility(directory, accounts=5)
    with Sequencer.open(directory, load_engine(fastest())) as sequencer:
        terms: dict[str, Any] = {"parameter_key": 1, "rulebook_hash": b"\xee" * 32}
        row = ParameterTable.block_value_min_minor
        instruct(sequencer, desk, [SetParameter(row, parameter_value=1_000 * COIN, **terms)])
    remember_client_ids(directory, desk)
    with served(directory) as running:
        buyer, seller = (Trader(running, *new_key(directory, number)) for number in (4, 5))
        buyer.ask("POST", "/api/v3/order", **{**ORDER, "side": "BUY", "quantity": "0.1"})
        assert seller.ask("POST", "/api/v3/order", **{**ORDER, "quantity": "0.1"}).json()["status"] == "FILLED"
        yield running


def request_of(trader: Trader, name: str, **terms: Any) -> int:
    """Ask for a price for 20 BTC to buy; return the request's number."""
    parameters = {"symbol": "BTCUSD", "side": "BUY", "quantity": "20", "clientId": name, **terms}
    found: int = trader.ask("POST", "/v1/quote-requests", **parameters).json()["requestId"]
    return found


def quote_of(trader: Trader, request: int, name: str) -> int:
    """Offer 101; return the quote's number."""
    found: int = trader.ask("POST", "/v1/quotes", requestId=request, price="101", clientId=name).json()["quoteId"]
    return found


def test_acceptance_that_is_sent_many_times_at_once_trades_once_and_its_request_stays_traded(gateway: Served) -> None:
    asker, quoter, third = (Trader(gateway, *new_key(gateway.directory, number)) for number in (1, 2, 3))
    request = request_of(asker, "many")
    quote, other = quote_of(quoter, request, "first"), quote_of(third, request, "second")
    queries = [asker.signed({"quoteId": quote, "recvWindow": 5_000 + n}) for n in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda query: asker.send("POST", "/v1/quotes/accept", query).json(), queries))
    assert len({each["seq"] for each in answers if "seq" in each}) == 1, answers
    states = {row["requestId"]: row["state"] for row in asker.ask("GET", "/v1/quote-requests").json()}
    assert states[request] == "traded"
    assert "consentHash" in asker.ask("GET", "/v1/quotes/record", quoteId=quote).json()
    assert code_of(asker.ask("POST", "/v1/quotes/accept", quoteId=other)) == (400, -2010)
    owned = {row["asset"]: row["free"] for row in asker.ask("GET", "/api/v3/account").json()["balances"]}
    assert owned["BTC"] == "119.96000000"  # 100, and 20 less the fee of 0.2 percent, once


def test_client_that_signs_everything_is_bound_by_no_quote_that_it_did_not_sign(gateway: Served) -> None:
    asker, shared = (Trader(gateway, *new_key(gateway.directory, number)) for number in (1, 2))
    unsigned = request_of(shared, "before")
    own = SigningTrader(gateway, 2, signed_only=True)
    request = request_of(asker, "to-signer")
    said = {"symbol": "BTCUSD", "side": "BUY", "quantity": "20"}
    bare = {"requestId": request, "price": "101", "clientId": "own"}
    assert code_of(own.ask("POST", "/v1/quotes", **bare)) == (400, -1102)  # it must say what it is for
    assert code_of(own.ask("POST", "/v1/quotes", **bare, **{**said, "quantity": "200"})) == (400, -2010)
    assert own.ask("POST", "/v1/quotes", **bare, **said).json()["state"] == "open"
    wait_until_signed_only(shared)
    offered = {"requestId": request, "price": "101", "clientId": "shared"}
    assert code_of(shared.ask("POST", "/v1/quotes", **offered)) == (401, -2015)
    terms = {"symbol": "BTCUSD", "side": "BUY", "quantity": "20"}
    assert code_of(shared.ask("POST", "/v1/quote-requests", **terms)) == (401, -2015)
    quote = quote_of(asker, unsigned, "for-signer")
    assert code_of(shared.ask("POST", "/v1/quotes/accept", quoteId=quote)) == (401, -2015)
    state = asker.ask("GET", "/v1/quotes", requestId=unsigned).json()[0]["state"]
    assert state == "open"  # the refused acceptance does not hold it


def wait_until_signed_only(shared: Trader) -> None:
    """Wait until the gateway has seen that the client signs everything: it looks at keys each second."""
    give_up = time.monotonic() + 30
    while shared.ask("POST", "/api/v3/order", **{**ORDER, "quantity": "0.1", "price": "140"}).status_code != 401:
        assert time.monotonic() < give_up
        time.sleep(0.2)


def test_quotes_count_as_orders_and_one_account_has_so_many_for_a_request(gateway: Served) -> None:
    asker, quoter = (Trader(gateway, *new_key(gateway.directory, number)) for number in (1, 3))
    request = request_of(asker, "few")
    before = placed_today(quoter)
    for n in range(OF_REQUEST_MAX):
        number = quote_of(quoter, request, f"few-{n}")
        gone = quoter.ask("DELETE", "/v1/quotes", quoteId=number)
        assert gone.json()["state"] == "canceled"
    assert placed_today(quoter) - before == OF_REQUEST_MAX
    more = {"requestId": request, "price": "101", "clientId": "too-many"}
    assert code_of(quoter.ask("POST", "/v1/quotes", **more)) == (400, -1130)


def placed_today(trader: Trader) -> int:
    """Return how many orders count against the account's limit of a day."""
    rows = trader.ask("GET", "/api/v3/rateLimit/order").json()
    return next(int(row["count"]) for row in rows if row["interval"] == "DAY")


def test_cancels_that_come_to_nothing_weigh_as_much_in_a_batch_as_alone(gateway: Served) -> None:
    trader = Trader(gateway, *new_key(gateway.directory, 4))
    body = b"".join(IN_BATCH.pack(CANCEL, 0, 0, 0, 1, 0, 0, 0, 0, 99_000 + n) for n in range(100))
    before = used(trader)
    response = send(trader, body)
    assert response.status_code == 200
    assert int(response.headers[WEIGHT]) - before == 100
    numbers = ",".join(str(99_000 + n) for n in range(10))
    many = trader.ask("DELETE", "/v1/orders", symbol="BTCUSD", orderIds=numbers)
    assert [each["canceled"] for each in many.json()] == [False] * 10
    assert int(many.headers[WEIGHT]) - before == 110


def used(trader: Trader) -> int:
    """Return the weight that is used, in a minute that has long enough to go."""
    time.sleep(max(0, 60 - time.time() % 60) + 0.1 if time.time() % 60 > 55 else 0)
    placed = trader.ask("POST", "/api/v3/order", **{**ORDER, "quantity": "0.1", "price": "140"})
    return int(placed.headers[WEIGHT])
