"""Trades off the book over the native API: request, quote, acceptance; what record, balances and tape say.

Amounts by hand: makers pay 1,000 ppm and takers 2,000 ppm of what they receive (the stage's terms). The party that
asks pays the taker's rate.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from tarazy.cli.demo.demo_serve import instruct
from tarazy.cli.engines import fastest, load_engine
from tarazy.cli.journal.seek import command_frames
from tarazy.cli.market_data.playing import KEY_NAMES
from tarazy.domain.records import BlockTradeExecuted, EventKind, ParameterTable, SetParameter
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.keys import keys_folder

from ..trading_stage import COIN, Served, make_facility, new_key, served
from .conftest import Done
from .test_gateway_attacks import ORDER, Trader, code_of

SCHEMA = Path(__file__).parents[2] / "schemas" / "native" / "openapi.json"
DELAY_MS = 2_000
SMALLEST = 1_000 * COIN
SYMBOL = {"symbol": "BTCUSD"}


@pytest.fixture(scope="module")
def facility(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a facility of five accounts whose market has blocks from 1,000 USD, public after two seconds."""
    directory = tmp_path_factory.mktemp("blocks") / "facility"
    desk = make_facility(directory, accounts=5)
    with Sequencer.open(directory, load_engine(fastest())) as sequencer:
        rows = {ParameterTable.block_value_min_minor: SMALLEST, ParameterTable.block_delay_ms: DELAY_MS}
        terms: dict[str, Any] = {"parameter_key": 1, "rulebook_hash": b"\xee" * 32}
        instruct(sequencer, desk, [SetParameter(row, parameter_value=value, **terms) for row, value in rows.items()])
    return directory


@pytest.fixture(scope="module")
def gateway(facility: Path) -> Iterator[Served]:
    """Serve it; the reference price is 100."""
    with served(facility) as running:
        buyer, seller = (Trader(running, *new_key(facility, number)) for number in (3, 4))
        buyer.ask("POST", "/api/v3/order", **{**ORDER, "side": "BUY", "quantity": "0.1"})
        assert seller.ask("POST", "/api/v3/order", **{**ORDER, "quantity": "0.1"}).json()["status"] == "FILLED"
        buyer.ask("POST", "/api/v3/order", **{**ORDER, "side": "BUY", "price": "99", "quantity": "2"})
        seller.ask("POST", "/api/v3/order", **{**ORDER, "price": "102", "quantity": "50"})
        yield running


@pytest.fixture(scope="module")
def traders(gateway: Served) -> list[Trader]:
    """Return the clients of accounts 1 to 3."""
    return [Trader(gateway, *new_key(gateway.directory, number)) for number in (1, 2, 3)]


def asked(trader: Trader, client_id: str, **terms: Any) -> httpx.Response:
    """Ask for a price for 20 BTC to buy."""
    parameters = {**SYMBOL, "side": "BUY", "quantity": "20", "clientId": client_id}
    return trader.ask("POST", "/v1/quote-requests", **(parameters | terms))


def quoted(trader: Trader, request_id: int, price: str, client_id: str, **terms: Any) -> httpx.Response:
    """Offer a price."""
    return trader.ask("POST", "/v1/quotes", requestId=request_id, price=price, clientId=client_id, **terms)


def owned(trader: Trader) -> dict[str, str]:
    """Return what is free by asset."""
    rows = trader.ask("GET", "/api/v3/account").json()["balances"]
    return {row["asset"]: row["free"] for row in rows}


def test_two_clients_trade_and_only_they_and_later_the_public_know(gateway: Served, traders: list[Trader]) -> None:
    asker, quoter, third = traders
    request = asked(asker, "life").json()
    assert (request["state"], request["isOwn"]) == ("open", True)
    seen = quoter.ask("GET", "/v1/quote-requests").json()[0]
    assert (seen["requestId"], seen["isOwn"], seen["clientId"]) == (request["requestId"], False, "")
    dear = quoted(third, request["requestId"], "103", "dear").json()
    good = quoted(quoter, request["requestId"], "101", "good").json()
    assert [each["price"] for each in asker.ask("GET", "/v1/quotes", requestId=request["requestId"]).json()] == [
        dear["price"],
        good["price"],
    ]
    own = quoter.ask("GET", "/v1/quotes", requestId=request["requestId"]).json()
    assert [each["quoteId"] for each in own] == [good["quoteId"]]
    assert quoter.ask("POST", "/v1/quotes/accept", quoteId=good["quoteId"]).json()["code"] == -2013
    ticker = httpx.get(f"{gateway.url}/api/v3/ticker/24hr", params=SYMBOL).json()
    before = [owned(each) for each in (asker, quoter)]
    traded = asker.ask("POST", "/v1/quotes/accept", quoteId=good["quoteId"]).json()
    assert (traded.get("price"), traded.get("quantity")) == (good["price"], request["quantity"]), traded
    # 20 BTC at 101 are 2,020 USD; the asker receives 20 less 0.04, the quoter 2,020 less 2.02.
    assert before == [{"BTC": "100.00000000", "USD": "10000000.00000000"}] * 2
    assert owned(asker) == {"BTC": "119.96000000", "USD": "9997980.00000000"}
    assert owned(quoter) == {"BTC": "80.00000000", "USD": "10002017.98000000"}
    again = asker.ask("POST", "/v1/quotes/accept", quoteId=good["quoteId"]).json()
    assert again["seq"] == traded["seq"]
    assert owned(asker)["BTC"] == "119.96000000"
    now = httpx.get(f"{gateway.url}/api/v3/ticker/24hr", params=SYMBOL).json()
    assert [now[name] for name in ("lastPrice", "volume", "count")] == [
        ticker[name] for name in ("lastPrice", "volume", "count")
    ]
    rows = public_rows(gateway)
    assert [(row["seq"], row["flag"], row["publicTime"] - row["time"]) for row in rows] == [
        (traded["seq"], "BLOCK", DELAY_MS)
    ]
    lines = asker.ask("GET", "/v1/account/history").json()["rows"]
    assert {(line["asset"], line["change"]) for line in lines if line["event"] == "block_leg_settled"} == {
        ("USD", "-2020.00000000"),
        ("BTC", "19.96000000"),
    }
    check_record(gateway, asker, third, traded)


def public_rows(gateway: Served) -> list[dict[str, Any]]:
    """Wait until the public sees a block trade, which it never does before its time."""
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        rows: list[dict[str, Any]] = httpx.get(f"{gateway.url}/v1/block-trades", params=SYMBOL).json()["rows"]
        if rows:
            assert httpx.get(f"{gateway.url}/api/v3/time").json()["serverTime"] >= rows[0]["publicTime"]
            return rows
        time.sleep(0.1)
    raise AssertionError("no block trade became public")


def check_record(gateway: Served, asker: Trader, third: Trader, traded: dict[str, Any]) -> None:
    """Check the document of best execution against the record's hash and the book: 20 of the 50 BTC offered at 102."""
    record = asker.ask("GET", "/v1/quotes/record", quoteId=traded["quoteId"]).json()
    assert sha256(record["document"].encode()).hexdigest() == traded["consentHash"]
    assert third.ask("GET", "/v1/quotes/record", quoteId=traded["quoteId"]).json()["code"] == -2013
    document = json.loads(record["document"])
    assert (document["book"]["bid"], document["book"]["ask"]) == ("99.00000000", "102.00000000")
    assert document["book"]["costOnBook"] == "2040.00000000"
    assert [each["price"] for each in document["quotes"]] == ["103.00000000", "101.00000000"]
    assert (document["request"]["account"], document["quote"]["account"]) == (1, 2)
    frame = httpx.get(f"{gateway.url}/v1/block-trades", params=SYMBOL).json()
    assert frame["rows"][0]["quoteQuantity"] == "2020.00000000"


def test_retry_finds_the_first_and_another_content_is_refused(traders: list[Trader]) -> None:
    asker, quoter, _ = traders
    first, second = asked(asker, "retry").json(), asked(asker, "retry").json()
    assert first["requestId"] == second["requestId"]
    assert code_of(asked(asker, "retry", quantity="21")) == (400, -1130)
    quotes = [quoted(quoter, first["requestId"], "101", "retry-quote").json()["quoteId"] for _ in range(2)]
    assert quotes[0] == quotes[1]
    assert code_of(quoted(quoter, first["requestId"], "100", "retry-quote")) == (400, -1130)
    assert asker.ask("DELETE", "/v1/quote-requests", requestId=first["requestId"]).json()["state"] == "canceled"
    assert code_of(asker.ask("POST", "/v1/quotes/accept", quoteId=quotes[0])) == (400, -2010)


def test_quote_past_its_time_and_one_withdrawn_do_not_trade(traders: list[Trader]) -> None:
    asker, quoter, third = traders
    request = asked(asker, "late").json()["requestId"]
    late = quoted(quoter, request, "101", "late", validMs=1_000).json()["quoteId"]
    gone = quoted(third, request, "101", "gone").json()["quoteId"]
    assert third.ask("DELETE", "/v1/quotes", quoteId=gone).json()["state"] == "canceled"
    time.sleep(1.1)
    assert code_of(asker.ask("POST", "/v1/quotes/accept", quoteId=late)) == (400, -2010)
    assert code_of(asker.ask("POST", "/v1/quotes/accept", quoteId=gone)) == (400, -2010)


def test_venue_s_refusal_says_why_and_the_request_stays_open(traders: list[Trader]) -> None:
    asker, quoter, third = traders
    small = asked(asker, "small", quantity="5").json()["requestId"]
    quote = quoted(quoter, small, "101", "small").json()["quoteId"]
    refused = asker.ask("POST", "/v1/quotes/accept", quoteId=quote).json()
    assert refused["reject"] == "block_value_too_small", refused
    far = asked(asker, "far").json()["requestId"]
    away = quoted(quoter, far, "500", "away").json()["quoteId"]
    assert asker.ask("POST", "/v1/quotes/accept", quoteId=away).json()["reject"] == "price_outside_collar"
    near = quoted(third, far, "102", "near").json()["quoteId"]
    assert asker.ask("POST", "/v1/quotes/accept", quoteId=near).json()["price"] == "102.00000000"


def test_own_request_foreign_market_and_bad_numbers_are_refused(traders: list[Trader]) -> None:
    asker = traders[0]
    request = asked(asker, "own").json()["requestId"]
    assert code_of(quoted(asker, request, "101", "own")) == (400, -2010)
    assert code_of(asked(asker, "x", symbol="NONE")) == (400, -1121)
    assert code_of(asked(asker, "x", side="HOLD"))[0] == 400
    assert code_of(asked(asker, "x y"))[0] == 400
    assert code_of(quoted(asker, 999_999, "1", "none")) == (400, -2013)
    assert code_of(asker.ask("POST", "/v1/quotes/accept", quoteId="1e3"))[0] == 400


def test_answers_about_quotes_are_as_the_document_says(traders: list[Trader]) -> None:
    paths = json.loads(SCHEMA.read_text())["paths"]
    asker, quoter, _ = traders
    request = asked(asker, "as-written").json()["requestId"]
    quote = quoted(quoter, request, "101", "as-written").json()["quoteId"]
    traded = asker.ask("POST", "/v1/quotes/accept", quoteId=quote).json()
    assert traded["quoteId"] == quote, traded
    answers = {
        "/v1/quote-requests": asker.ask("GET", "/v1/quote-requests"),
        "/v1/quotes": asker.ask("GET", "/v1/quotes", requestId=request),
        "/v1/quotes/record": asker.ask("GET", "/v1/quotes/record", quoteId=quote),
    }
    for path, answer in answers.items():
        assert answer.status_code == 200, (path, answer.text)
        schema = paths[path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.validate(answer.json(), schema)
        assert answer.json(), path
    schema = paths["/v1/quotes/accept"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(traded, schema)


def test_restricted_account_neither_asks_nor_quotes_nor_accepts(
    gateway: Served, traders: list[Trader], tarazy: Callable[..., Done], tmp_path: Path
) -> None:
    """The venue takes no order of it (account_not_active), so nobody may wait for a quote of it either."""
    asker, paper = traders[0], tmp_path / "why.txt"
    paper.write_text("The owner's papers have run out.\n")
    stopped = Trader(gateway, *new_key(gateway.directory, 5))
    own, other = asked(stopped, "before").json()["requestId"], asked(asker, "of-another").json()["requestId"]
    quote = quoted(asker, own, "101", "for-the-stopped").json()["quoteId"]
    officer = ["--officer", 1, "--key", keys_folder(gateway.directory) / f"{KEY_NAMES[0]}.key"]
    terms = [gateway.directory, "--url", gateway.url, *officer, "--account", 5, "--reason", paper, "--json"]
    done = tarazy("instruct", "kill", *terms)
    assert (done.code, done.json["refused"]) == (0, 0), done.err
    give_up = time.monotonic() + 60
    while asked(stopped, "before").status_code == 200:  # the read models follow the record
        assert time.monotonic() < give_up
        time.sleep(0.1)
    for answer in (
        asked(stopped, "after"),
        quoted(stopped, other, "101", "after"),
        stopped.ask("POST", "/v1/quotes/accept", quoteId=quote),
    ):
        assert code_of(answer) == (400, -2010)
        assert "disabled on this account" in answer.json()["msg"]
    assert stopped.ask("DELETE", "/v1/quote-requests", requestId=own).json()["state"] == "canceled"


def test_record_holds_the_trades_and_a_replay_agrees(gateway: Served) -> None:
    gateway.process.terminate()
    assert gateway.process.wait(30) == 0
    spec, found = load_engine("spec")(), []
    for frame in command_frames(gateway.directory):
        events = spec.apply(frame.commands)
        found += [events[at : at + 96] for at in range(0, len(events), 96)]
    blocks = [each for each in found if each[:2] == int(EventKind.block_trade_executed).to_bytes(2, "little")]
    assert [BlockTradeExecuted.unpack(each).price_ticks for each in blocks] == [101, 102, 101]
