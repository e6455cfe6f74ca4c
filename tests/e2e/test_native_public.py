"""The native API of the facility: tape, daily report, rules, refusals, disclosures, the record for the supervisor."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from tarazy.domain.reject_codes import REJECT_INFO
from tarazy.facility.accounts.api_keys import ApiKeyError
from tarazy.journal.note import open_head, parse_verifier_key
from tarazy.journal.proof_text import parse_proof
from tarazy.journal.reader import JournalReader

from ..trading_stage import Served, make_facility, new_key, served
from .test_gateway_attacks import ORDER, Trader, code_of

BUY = {**ORDER, "side": "BUY"}
SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "native" / "openapi.json"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve one facility on which three trades happened, at 100, 101 and 99, with a folder of disclosures."""
    folder = tmp_path_factory.mktemp("public")
    papers = folder / "papers"
    papers.mkdir()
    (papers / "fees.txt").write_text("Makers pay 0.1 %, takers 0.2 %.\n")
    (papers / "notes.exe").write_bytes(b"no paper")
    (papers / "link.txt").symlink_to("/etc/hostname")
    (folder / "tarazy.toml").write_text(f'[facility.gateway]\ndisclosures = "{papers}"\n')
    make_facility(folder / "facility")
    with served(folder / "facility", "--config", str(folder / "tarazy.toml")) as running:
        buyer, seller = (Trader(running, *new_key(running.directory, number)) for number in (1, 2))
        for price in ("100", "101", "99"):
            buyer.ask("POST", "/api/v3/order", **{**BUY, "price": price})
            assert seller.ask("POST", "/api/v3/order", **{**ORDER, "price": price}).json()["status"] == "FILLED"
        seller.ask("GET", "/api/v3/account")  # behind the last trade
        yield running


@pytest.fixture(scope="module")
def traded_on(gateway: Served) -> str:
    """Return the day of the three trades in UTC."""
    trade = ask(gateway, "/api/v3/trades", symbol="BTCUSD").json()[0]
    return f"{datetime.fromtimestamp(trade['time'] / 1_000, UTC):%Y-%m-%d}"


def ask(gateway: Served, path: str, **parameters: Any) -> httpx.Response:
    """Ask without a key."""
    return httpx.get(gateway.url + path, params=parameters, timeout=30)


def test_tape_has_every_trade_by_number_and_goes_on_behind_one(gateway: Served) -> None:
    found = ask(gateway, "/v1/markets/tape", symbol="BTCUSD").json()
    assert [(each["tradeId"], each["price"], each["quoteQuantity"]) for each in found["rows"]] == [
        (1, "100.00000000", "100.00000000"),
        (2, "101.00000000", "101.00000000"),
        (3, "99.00000000", "99.00000000"),
    ]
    page = ask(gateway, "/v1/markets/tape", symbol="BTCUSD", limit=2).json()
    assert page["next"] == "2"
    rest = ask(gateway, "/v1/markets/tape", symbol="BTCUSD", after=page["next"]).json()
    assert page["rows"] + rest["rows"] == found["rows"]
    text = ask(gateway, "/v1/markets/tape", symbol="BTCUSD", format="csv").text
    assert [each["tradeId"] for each in csv.DictReader(io.StringIO(text))] == ["1", "2", "3"]


def test_daily_report_says_what_was_traded(gateway: Served, traded_on: str) -> None:
    (day,) = ask(gateway, "/v1/markets/daily", date=traded_on).json()["rows"]
    prices = [day[name] for name in ("open", "high", "low", "close", "average")]
    assert prices == ["100.00000000", "101.00000000", "99.00000000", "99.00000000", "100.00000000"]
    assert (day["volume"], day["quoteVolume"], day["trades"], day["isOver"]) == (
        "3.00000000",
        "300.00000000",
        3,
        False,
    )
    (quiet,) = ask(gateway, "/v1/markets/daily", date="2026-01-01").json()["rows"]
    assert (quiet["open"], quiet["trades"], quiet["isOver"]) == (None, 0, True)
    assert code_of(ask(gateway, "/v1/markets/daily", date="2026-02-30")) == (400, -1130)


def test_candles_are_those_of_the_dialect(gateway: Served) -> None:
    mine = ask(gateway, "/v1/markets/candles", symbol="BTCUSD", interval="1d", limit=1).json()["rows"][0]
    theirs = ask(gateway, "/api/v3/klines", symbol="BTCUSD", interval="1d", limit=1).json()[0]
    assert [mine["time"], mine["open"], mine["close"], mine["volume"]] == [theirs[0], theirs[1], theirs[4], theirs[5]]


def test_rules_in_force_and_every_refusal_are_said(gateway: Served) -> None:
    rules = ask(gateway, "/v1/rules").json()
    (market,) = rules["markets"]
    assert (market["rules"]["makerFeePpm"], market["rules"]["takerFeePpm"]) == (1_000, 2_000)
    assert market["rules"]["collarPpm"] == 500_000
    assert market["state"] == "continuous"
    codes = ask(gateway, "/v1/reject-codes").json()
    assert [each["rejectCode"] for each in codes] == sorted(REJECT_INFO)
    assert all(each["meaning"] and each["advice"] for each in codes)


def test_disclosures_are_listed_by_hash_and_nothing_else_goes_out(gateway: Served) -> None:
    (only,) = ask(gateway, "/v1/disclosures").json()
    file = ask(gateway, "/v1/disclosures/file", name=only["name"])
    assert (only["name"], only["sha256"]) == ("fees.txt", sha256(file.content).hexdigest())
    for name in ("notes.exe", "link.txt", "../tarazy.toml", "..", "/etc/passwd", "fees.txt/../../tarazy.toml"):
        assert ask(gateway, "/v1/disclosures/file", name=name).status_code == 404, name


def test_head_and_proof_check_with_the_facility_s_key(gateway: Served) -> None:
    """The first head comes ten seconds after the first commands at the latest; the stage's setup has made one."""
    answer = ask(gateway, "/v1/journal/head")
    assert answer.status_code == 200, answer.text
    key = parse_verifier_key(answer.json()["verifierKey"])
    head = open_head(answer.json()["note"].encode(), key)
    assert head.size == answer.json()["size"]
    proof = parse_proof(ask(gateway, "/v1/journal/proof", frame=1).json()["text"].encode())
    assert proof.check([key]).size >= head.size  # type: ignore[union-attr, arg-type, call-arg]
    assert code_of(ask(gateway, "/v1/journal/proof", frame=10**9)) == (400, -1130)


def test_supervisor_reads_the_very_frames_and_nobody_else_does(gateway: Served) -> None:
    supervisor = Trader(gateway, *new_key(gateway.directory, 0, ("supervise",)))
    found, first = b"", "1"
    while True:
        response = supervisor.ask("GET", "/v1/journal/frames", **{"from": first}, limit=2)
        assert response.status_code == 200, response.text
        found += response.content
        if "x-tarazy-next" not in response.headers or len(found) > 100_000:
            break
        first = response.headers["x-tarazy-next"]
    frames = [frame.encode() for frame, _ in zip(JournalReader(gateway.directory), range(5), strict=False)]
    assert found.startswith(b"".join(frames))
    client = Trader(gateway, *new_key(gateway.directory, 1))
    assert code_of(client.ask("GET", "/v1/journal/frames")) == (401, -2015)
    assert code_of(supervisor.ask("GET", "/api/v3/account")) == (401, -2015)
    assert code_of(supervisor.ask("POST", "/api/v3/order", **ORDER)) == (401, -2015)
    with pytest.raises(ApiKeyError, match="the scope supervise alone"):
        new_key(gateway.directory, 1, ("read", "supervise"))


MADE_FIRST = (
    "/v1/withdrawal",
    "/v1/quotes",
    "/v1/quotes/record",
)  # these answer for what a client made before: test_block_trades.py, test_native_account.py


def test_every_answer_is_as_the_document_says(gateway: Served, traded_on: str) -> None:
    document = json.loads(SCHEMA.read_text())
    assert ask(gateway, "/v1/openapi.json").json() == document
    client = Trader(gateway, *new_key(gateway.directory, 1))
    samples: dict[str, Any] = {
        "symbol": "BTCUSD",
        "interval": "1h",
        "date": traded_on,
        "month": traded_on[:7],
        "year": int(traded_on[:4]),
        "tradeId": 1,
        "frame": 1,
        "from": 1,
    }
    checked = 0
    for path, operations in document["paths"].items():
        content = operations.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        if "application/json" not in content or path in MADE_FIRST:
            continue
        given = {each["name"] for each in operations["get"]["parameters"] if each.get("required")} | {"tradeId"}
        names = {each["name"] for each in operations["get"]["parameters"]} & given & set(samples)
        values = {name: samples[name] for name in sorted(names)}
        is_signed = "security" in operations["get"]
        response = client.ask("GET", path, **values) if is_signed else ask(gateway, path, **values)
        assert response.status_code == 200, (path, response.text)
        jsonschema.validate(response.json(), content["application/json"]["schema"])
        checked += 1
    assert checked >= 14
