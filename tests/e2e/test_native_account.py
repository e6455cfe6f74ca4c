"""The native API of an account: its whole life, statements, confirmations and withdrawals, as files and as JSON.

Amounts are computed by hand from the stage's terms: 100 BTC and 10,000,000 USD each, makers pay 1,000 ppm and takers
2,000 ppm of what they receive.
"""

from __future__ import annotations

import base64
import csv
import io
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from tarazy.journal.identity import load_identity
from tarazy.journal.note import open_note, verifier_key

from ..trading_stage import Served, make_facility, new_key, served
from .test_gateway_attacks import ORDER, Trader, code_of

BUY = {**ORDER, "side": "BUY"}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve one facility on which account 1 bought 1 BTC of account 2 at 100 and sold 0.4 at 101."""
    directory = tmp_path_factory.mktemp("native") / "facility"
    make_facility(directory)
    with served(directory) as running:
        buyer, seller = (Trader(running, *new_key(directory, number)) for number in (1, 2))
        buyer.ask("POST", "/api/v3/order", **BUY)
        assert seller.ask("POST", "/api/v3/order", **ORDER).json()["status"] == "FILLED"
        buyer.ask("POST", "/api/v3/order", **{**ORDER, "quantity": "0.4", "price": "101"})
        taken = seller.ask("POST", "/api/v3/order", **{**BUY, "quantity": "0.4", "price": "101"}).json()
        assert taken["status"] == "FILLED"
        yield running


@pytest.fixture(scope="module")
def client(gateway: Served) -> Trader:
    """Return the client of account 1."""
    return Trader(gateway, *new_key(gateway.directory, 1, ("read", "trade", "withdraw")))


@pytest.fixture(scope="module")
def month(client: Trader) -> str:
    """Return the month in which account 1 traded."""
    trade = client.ask("GET", "/api/v3/myTrades", symbol="BTCUSD").json()[0]
    return f"{datetime.fromtimestamp(trade['time'] / 1_000, UTC):%Y-%m}"


def rows_of(response: httpx.Response) -> list[dict[str, str]]:
    """Return the rows of CSV."""
    return list(csv.DictReader(io.StringIO(response.text)))


def test_history_has_every_change_and_sums_to_the_balances(client: Trader) -> None:
    """Bought 1 BTC as maker (fee 0.001 BTC), sold 0.4 as maker at 101 (fee 0.0404 USD)."""
    found = client.ask("GET", "/v1/account/history").json()
    trades = [each for each in found["rows"] if each["event"] == "trade_executed"]
    assert [(each["asset"], each["change"], each["fee"]) for each in trades] == [
        ("BTC", "0.99900000", "0.00100000"),
        ("USD", "-100.00000000", "0.00000000"),
        ("USD", "40.35960000", "0.04040000"),
        ("BTC", "-0.40000000", "0.00000000"),
    ]
    owned = {each["asset"]: Decimal(each["free"]) + Decimal(each["locked"]) for each in balances(client)}
    sums: dict[str, Decimal] = {}
    for each in found["rows"]:
        sums[each["asset"]] = sums.get(each["asset"], Decimal(0)) + Decimal(each["change"])
    assert sums == owned
    assert found["next"] is None


def balances(client: Trader) -> list[dict[str, str]]:
    """Return the balances of the dialect."""
    found: list[dict[str, str]] = client.ask("GET", "/api/v3/account").json()["balances"]
    return found


def test_history_goes_on_behind_its_cursor_without_gap_or_duplicate(client: Trader) -> None:
    whole = client.ask("GET", "/v1/account/history").json()["rows"]
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = client.ask("GET", "/v1/account/history", limit=1, **after).json()
        found += page["rows"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert found == whole
    assert code_of(client.ask("GET", "/v1/account/history", after="1; DROP")) == (400, -1130)


def test_csv_and_parquet_say_the_same_and_are_signed_by_the_facility(gateway: Served, client: Trader) -> None:
    plain = client.ask("GET", "/v1/account/history").json()["rows"]
    text = client.ask("GET", "/v1/account/history", format="csv")
    assert text.headers["content-type"] == "text/csv"
    assert [each["cursor"] for each in rows_of(text)] == [each["cursor"] for each in plain]
    assert [each["change"] for each in rows_of(text)] == [each["change"] for each in plain]
    parquet = pytest.importorskip("pyarrow.parquet")
    file = client.ask("GET", "/v1/account/history", format="parquet")
    assert parquet.read_table(io.BytesIO(file.content)).to_pylist() == plain
    identity = load_identity(gateway.directory)
    for response in (text, file):
        note = base64.b64decode(response.headers["x-tarazy-note"])
        lines = open_note(note, [verifier_key(identity.facility_id, identity.public_key)]).splitlines()
        assert lines[1:4] == ["paper history", f"sha256 {sha256(response.content).hexdigest()}", "account 1"]


def test_orders_of_all_markets_go_page_by_page(client: Trader) -> None:
    first = client.ask("GET", "/v1/account/orders", limit=1).json()
    rest = client.ask("GET", "/v1/account/orders", after=first["next"]).json()
    listed = client.ask("GET", "/api/v3/allOrders", symbol="BTCUSD").json()
    assert [each["orderId"] for each in first["rows"] + rest["rows"]] == [each["orderId"] for each in listed]


def test_statement_opens_and_closes_with_what_is_owned(client: Trader, month: str) -> None:
    found = client.ask("GET", "/v1/account/statement", month=month).json()
    sums = {each["asset"]: each for each in found["assets"]}
    assert sums["BTC"] == {
        "asset": "BTC",
        "opening": "0.00000000",
        "credits": "100.99900000",  # the stage's deposit and the purchase
        "debits": "0.40000000",
        "fees": "0.00100000",
        "closing": "100.59900000",
    }
    assert sums["USD"]["closing"] == "9999940.35960000"
    last_year = client.ask("GET", "/v1/account/statement", month="2020-01").json()
    assert (last_year["assets"], last_year["lines"], last_year["isOver"]) == ([], [], True)
    text = rows_of(client.ask("GET", "/v1/account/statement", month=month, format="csv"))
    assert [each["balance"] for each in text if each["kind"] == "closing"] == ["100.59900000", "9999940.35960000"]
    lines = [each for each in text if each["kind"] == "line"]
    assert [each["balance"] for each in lines if each["asset"] == "BTC"][-1] == "100.59900000"
    assert code_of(client.ask("GET", "/v1/account/statement", month="2026-13")) == (400, -1130)
    assert code_of(client.ask("GET", "/v1/account/statement")) == (400, -1102)


def test_statement_and_confirmation_are_readable_pdf(client: Trader, month: str) -> None:
    trade = client.ask("GET", "/api/v3/myTrades", symbol="BTCUSD").json()[0]
    paths = (
        ("/v1/account/statement", {"month": month}),
        ("/v1/account/confirmation", {"symbol": "BTCUSD", "tradeId": trade["id"]}),
    )
    for path, terms in paths:
        response = client.ask("GET", path, **terms, format="pdf")
        assert response.headers["content-type"] == "application/pdf"
        assert response.content.startswith(b"%PDF-")
        assert response.content.rstrip().endswith(b"%%EOF")
        assert "attachment" in response.headers["content-disposition"]
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages)
        assert "Trading stage" in text
        assert ("100.59900000" if "statement" in path else "0.00100000 BTC") in text


def test_confirmation_says_terms_and_charges(client: Trader) -> None:
    trade = client.ask("GET", "/api/v3/myTrades", symbol="BTCUSD").json()[0]
    found = client.ask("GET", "/v1/account/confirmation", symbol="BTCUSD", tradeId=trade["id"]).json()
    (only,) = found["trades"]
    assert (only["side"], only["price"], only["quantity"]) == ("BUY", "100.00000000", "1.00000000")
    assert (only["received"], only["receivedAsset"], only["fee"]) == ("0.99900000", "BTC", "0.00100000")
    assert (only["given"], only["givenAsset"]) == ("100.00000000", "USD")
    by_order = client.ask("GET", "/v1/account/confirmation", symbol="BTCUSD", orderId=trade["orderId"]).json()
    assert by_order["trades"] == found["trades"]
    assert code_of(client.ask("GET", "/v1/account/confirmation", symbol="BTCUSD", tradeId=99)) == (400, -2013)


def test_another_account_sees_nothing_of_it(gateway: Served, client: Trader) -> None:
    other = Trader(gateway, *new_key(gateway.directory, 3))
    events = {each["event"] for each in other.ask("GET", "/v1/account/history").json()["rows"]}
    assert events == {"deposit_credited"}
    trade = client.ask("GET", "/api/v3/myTrades", symbol="BTCUSD").json()[0]
    answer = other.ask("GET", "/v1/account/confirmation", symbol="BTCUSD", tradeId=trade["id"])
    assert code_of(answer) == (400, -2013)


def test_withdrawal_is_held_listed_and_counted_once(gateway: Served, client: Trader) -> None:
    terms = {"asset": "BTC", "amount": "0.25", "destination": "bc1qexample", "clientRequestId": 77}
    asked = client.ask("POST", "/v1/withdrawals", **terms)
    assert asked.status_code == 200, asked.text
    number = asked.json()["withdrawalId"]
    assert {each["asset"]: each["locked"] for each in balances(client)}["BTC"] == "0.25000000"
    (listed,) = client.ask("GET", "/v1/withdrawals").json()["rows"]
    assert (listed["withdrawalId"], listed["amount"], listed["state"]) == (number, "0.25000000", "requested")
    assert listed["destinationHash"] == sha256(b"bc1qexample").hexdigest()
    assert listed["destination"] == "bc1qexample"
    assert client.ask("GET", "/v1/withdrawal", clientRequestId=77).json() == listed
    again = client.ask("POST", "/v1/withdrawals", **terms)
    assert again.status_code == 400
    assert again.json()["reject"] == "client_request_id_taken"
    reader = Trader(gateway, *new_key(gateway.directory, 1))
    assert code_of(reader.ask("POST", "/v1/withdrawals", **terms)) == (401, -2015)
    poor = client.ask("POST", "/v1/withdrawals", **{**terms, "amount": "1000", "clientRequestId": 78})
    assert poor.json()["reject"] == "insufficient_balance"
    history = client.ask("GET", "/v1/account/history").json()["rows"][-1]
    assert (history["event"], history["change"], history["held"]) == (
        "withdrawal_requested",
        "0.00000000",
        "0.25000000",
    )
    dialect = client.ask("GET", "/sapi/v1/capital/withdraw/history").json()
    assert [(each["id"], each["status"]) for each in dialect] == [(str(number), 2)]


def test_wrong_method_says_what_is_allowed_and_head_has_no_body(client: Trader) -> None:
    """RFC 9110, sections 9.3.2, 9.3.7 and 15.5.6."""
    wrong = httpx.request("PATCH", f"{client.url}/api/v3/order")
    assert wrong.status_code == 405
    assert wrong.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, POST"
    options = httpx.options(f"{client.url}/v1/withdrawals")
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    head, get = (httpx.request(method, f"{client.url}/api/v3/exchangeInfo") for method in ("HEAD", "GET"))
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > len(get.content) // 2


def test_signature_given_twice_is_refused(client: Trader) -> None:
    query = client.signed({**ORDER, "price": "120"})
    signature = query.rpartition("&")[2]
    for sent in (f"{query}&{signature}", f"{query}&signature=00", f"signature=00&{query}"):
        assert client.send("POST", "/api/v3/order", sent).status_code == 400
    time.sleep(0.1)
    assert client.ask("GET", "/api/v3/openOrders").json() == []


def test_year_certificate_has_what_is_owned_and_no_price_of_our_own(client: Trader) -> None:
    """Without an imported file there is no price; what is owned is what the balances say."""
    year = f"{datetime.now(UTC):%Y}"
    found = client.ask("GET", "/v1/account/year-certificate", year=year).json()
    owned = {each["asset"]: Decimal(each["free"]) + Decimal(each["locked"]) for each in balances(client)}
    assert {each["asset"]: Decimal(each["quantity"]) for each in found["assets"]} == owned
    assert (found["isOver"], found["priceSource"]) == (False, "")
    assert {each["price"] for each in found["assets"]} == {None}
    paper = client.ask("GET", "/v1/account/year-certificate", year=year, format="pdf")
    text = PdfReader(io.BytesIO(paper.content)).pages[0].extract_text()
    assert f"Certificate {year}" in text
    assert "no certificate yet" in text
