"""`tarazy demo`: the market runs, the report adds up, the specification agrees."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tarazy.cli.demo.demo_authority import FACILITY, TOKEN, found_authority
from tarazy.cli.demo.demo_report import INVARIANTS
from tarazy.cli.engines import has_core
from tarazy.journal.verify import verify

from ..trading_stage import Served
from .conftest import Done
from .test_gateway_attacks import Trader

Run = Callable[..., Done]
SMALL = ("demo", "--simulated", "--commands", 3_000, "--jobs", 2)
ENGINES = ["spec", pytest.param("core", marks=pytest.mark.skipif(not has_core(), reason="core is not built here"))]


@pytest.mark.parametrize("engine", ENGINES)
def test_demo_reports_and_the_specification_agrees(tarazy: Run, tmp_path: Path, engine: str) -> None:
    done = tarazy(*SMALL, "--engine", engine, "--out", tmp_path / "demo", "--json")
    assert done.code == 0, done.err
    assert done.json["agrees"] is True
    assert tarazy("events", "check", tmp_path / "demo").code == 0
    assert done.json["first_listing"]["code"] == "ETH"
    found = tarazy("facility", "admission", "check", tmp_path / "demo", "--json").json["findings"]
    assert [(row["code"], row["expected"]) for row in found] == [  # the played market had it before there was a desk
        ("admission.undecided", "a decision of the committee before BTC was admitted")
    ]
    assert (tmp_path / "demo" / "durable").exists()
    assert done.json["commands"] > 3_000
    assert done.json["fills"] > 0
    assert set(done.json["invariants"]) == set(INVARIANTS)
    assert all(count > 0 for count in done.json["invariants"].values())
    assert "\nBesides trading\n" in re.sub(" +\n", "\n", done.err)  # a title is its words: no markup is read or shown


def test_demo_report_adds_up_per_asset(tarazy: Run, tmp_path: Path) -> None:
    done = tarazy(*SMALL, "--out", tmp_path / "demo", "--json")
    for asset in done.json["assets"]:
        owed = sum(asset[kind] for kind in ("available", "held", "unattributed", "fees_earned", "network_float"))
        assert asset["client_custody"] + asset["shortfall"] == owed
        assert asset["house_custody"] == asset["house_equity"]
        assert sum(asset["locations"].values()) == asset["client_custody"] + asset["house_custody"]


def test_demo_ends_with_a_float_a_receipt_nobody_knows_and_no_shortfall(tarazy: Run, tmp_path: Path) -> None:
    base = tarazy(*SMALL, "--out", tmp_path / "demo", "--json").json["assets"][0]
    unit = 10 ** base["scale"]
    assert (base["network_float"], base["unattributed"], base["shortfall"]) == (unit, unit, 0)


def test_demo_tells_what_is_signed_and_finds_the_forgery(tarazy: Run, tmp_path: Path) -> None:
    told = tarazy(*SMALL, "--out", tmp_path / "demo", "--json").json
    assert told["forgery_found"] == "InstructionError"
    assert told["chained_commands"] == 0
    assert told["covered_seq"] == told["commands"] + 3  # and the genesis: a key and two officers
    assert told["signatures"] > told["instructions"] > 20


def test_demo_leaves_keys_that_nobody_else_can_read(tarazy: Run, tmp_path: Path) -> None:
    tarazy(*SMALL, "--out", tmp_path / "demo")
    keys = sorted((tmp_path / "demo.keys").iterdir())
    names = ["committee.key", "facility.key", "officer-1.key", "officer-2.key", "watcher-1.key", "watcher-2.key"]
    assert [key.name for key in keys] == names
    assert all(key.stat().st_mode & 0o777 == 0o600 for key in keys)
    assert not list((tmp_path / "demo").rglob("*.key"))


def test_demo_shows_what_was_tried_in_vain(tarazy: Run, tmp_path: Path) -> None:
    done = tarazy(*SMALL, "--out", tmp_path / "demo")
    assert "digests agree" in done.out
    codes = (
        "instruction_missing",
        "four_eyes_required",
        "mandate_missing",
        "evidence_already_used",
        "insufficient_fees",
        "house_cannot_trade",
        "shortfall_open",
    )
    assert all(f"refused: {code}" in done.out for code in codes)


@pytest.mark.skipif(not has_core(), reason="core is not built here")
def test_demo_is_the_same_on_both_engines(tarazy: Run, tmp_path: Path) -> None:
    """The officers' keys are made anew for each, so that the states differ in these alone."""
    runs = [tarazy(*SMALL, "--engine", e, "--out", tmp_path / e, "--json").json for e in ("spec", "core")]
    same = ("commands", "orders", "fills", "volume_lots", "refused", "assets", "invariants")
    assert [runs[0][key] for key in same] == [runs[1][key] for key in same]


def test_demo_replaces_an_earlier_demonstration_and_nothing_else(tarazy: Run, tmp_path: Path) -> None:
    out = tmp_path / "demo"
    assert tarazy(*SMALL, "--out", out).code == 0
    assert tarazy(*SMALL, "--out", out).code == 0
    other = tmp_path / "other"
    other.mkdir()
    (other / "notes.txt").write_text("mine")
    done = tarazy(*SMALL, "--out", other)
    assert done.code == 2
    assert (other / "notes.txt").read_text() == "mine"


def test_demo_says_when_the_named_flow_is_not_there(tarazy: Run, tmp_path: Path) -> None:
    done = tarazy("demo", "--flow", tmp_path, "--out", tmp_path / "demo")
    assert done.code == 2
    assert "expected a Bitstamp order file" in done.err


def test_demo_goes_on_with_a_live_market_on_which_its_clients_trade(tmp_path: Path) -> None:
    """What `make demo` leaves running: a book on both sides, trades that go on, funded accounts that are filled."""
    command = [sys.executable, "-m", "tarazy.cli.main", *map(str, SMALL), "--out", str(tmp_path / "demo")]
    command += ["--serve", "--port", "0"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        try:
            url = next(found[0] for line in process.stdout if (found := re.search(r"http://127.0.0.1:\d+", line)))
            clients = json.loads((tmp_path / "demo" / "clients.json").read_text())
            assert (tmp_path / "demo" / "clients.json").stat().st_mode & 0o077 == 0
            assert {"account", "api_key", "api_secret", "role"} == set(clients[0])
            trader = Trader(Served(url, tmp_path / "demo", process), clients[0]["api_key"], clients[0]["api_secret"])
            before = {each["asset"]: each["free"] for each in trader.ask("GET", "/api/v3/account").json()["balances"]}
            assert before == {"BTC": "1000.00000000", "USD": "100000000.00000000", "ETH": "0.00000000"}
            decisions = httpx.get(f"{url}/public/assets.json").json()["decisions"]
            assert [(row["asset"], row["outcome"]) for row in decisions] == [("ETH", "adopted"), ("BTC", "adopted")]
            numbers = [trader.send("GET", "/api/v3/trades", "symbol=BTCUSD&limit=1").json()[0]["id"]]
            deadline = time.monotonic() + 30
            book = {}
            while time.monotonic() < deadline and not (
                book.get("bids") and book.get("asks") and numbers[-1] > numbers[0]
            ):
                time.sleep(0.25)
                book = trader.send("GET", "/api/v3/depth", "symbol=BTCUSD&limit=5").json()
                numbers.append(trader.send("GET", "/api/v3/trades", "symbol=BTCUSD&limit=1").json()[0]["id"])
            assert book["bids"]
            assert book["asks"]
            assert numbers[-1] > numbers[0]
            order = {"symbol": "BTCUSD", "side": "BUY", "type": "MARKET", "quantity": "0.01"}
            assert trader.ask("POST", "/api/v3/order", **order).json()["status"] == "FILLED"
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert verify(tmp_path / "demo").ok


def test_demo_s_authority_has_licensed_the_facility_and_listed_a_token(tarazy: Run, tmp_path: Path) -> None:
    for _ in range(2):  # a second demonstration makes it anew
        found_authority(tmp_path / "authority")
    assert tarazy("authority", "verify", tmp_path / "authority", "--json").json["ok"] is True
    names = (FACILITY, TOKEN, "january-2023")
    states = [tarazy("authority", "show", tmp_path / "authority", name, "--json").json for name in names]
    assert [each["state"] for each in states] == ["active", "listed", "open for comments"]
    assert len(states[2]["facts"]["paper"]["rules"]) == 7  # the themes that the press named
