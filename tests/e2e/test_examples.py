"""The examples for clients run as they stand, at a facility whose market others have made. FIX's: test_fix_clients."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from ..servers import ROOT
from ..trading_stage import Served, make_facility, new_key, served
from .socket_client import Socket


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a facility with a bid of 2,000, an ask of 2,010 and a trade at 2,010."""
    facility = tmp_path_factory.mktemp("examples") / "facility"
    make_facility(facility)
    with served(facility) as running:
        maker, taker = new_key(facility, 2), new_key(facility, 3)
        limit = {"symbol": "BTCUSD", "type": "LIMIT", "timeInForce": "GTC"}
        with Socket(running.url, "/ws-api/v3") as api:
            for key, side, quantity, price in (
                (maker, "BUY", "5", "2000"),
                (maker, "SELL", "5", "2010"),
                (taker, "BUY", "1", "2010"),
            ):
                answer = api.ask_signed("order.place", key, **limit, side=side, quantity=quantity, price=price)
                assert answer["status"] == 200, answer
        yield running


def run_example(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run an example as a person does."""
    command = [sys.executable, str(ROOT / "examples" / name), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_ccxt_s_example_places_changes_and_cancels(market: Served) -> None:
    pytest.importorskip("ccxt")
    done = run_example("02_ccxt_orders.py", market.url, *new_key(market.directory, 1), "BTC/USD")
    assert done.returncode == 0, done.stderr
    words = [line.split() for line in done.stdout.splitlines()]
    # 2,000 * 0.97 is 1,940, a tick is one dollar; 2,000 * 1.05 is 2,100.
    assert [line[2] for line in words[:3]] == ["1940.0", "1939.0", "2100.0"]
    assert [line[0] for line in words] == ["placed", "changed", "stop", "canceled", "canceled", "balance"]
    assert "'used': 0.0" in done.stdout


def test_conformance_script_finds_every_expectation_met(market: Served) -> None:
    done = run_example("03_conformance.py", market.url, *new_key(market.directory, 1), "BTCUSD")
    assert (done.returncode, "FAILED" in done.stdout) == (0, False), done.stdout + done.stderr
    assert len(done.stdout.splitlines()) == 10


def test_conformance_script_says_what_failed_and_how(market: Served) -> None:
    key, _ = new_key(market.directory, 1)
    done = run_example("03_conformance.py", market.url, key, "another secret", "BTCUSD")
    assert done.returncode == 1
    assert "FAILED  order_lives_and_its_hold_ends" in done.stdout
    assert "ok      wrong_signature_is_refused" in done.stdout
