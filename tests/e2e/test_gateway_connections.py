"""32 clients at once on SQLite and on PostgreSQL: they trade and read together, and every view equals the ledger's."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from tarazy.cli.engines import fastest, load_engine
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.spec.snapshot import decode

from ..trading_stage import Served, make_facility, new_key, served
from .test_gateway_attacks import ORDER, Trader

CLIENTS, ROUNDS = 32, 6
BTC = {"symbol": "BTCUSD"}
COIN = 10**8


class OpenTrader(Trader):
    """A client with a connection of its own that stays open."""

    def __init__(self, gateway: Served, key: str, secret: str) -> None:
        super().__init__(gateway, key, secret)
        self.connection = httpx.Client(timeout=60)

    def send(self, method: str, path: str, query: str, **more: object) -> httpx.Response:
        """Send a request with the key."""
        return self.connection.request(method, f"{self.url}{path}?{query}", headers={"X-MBX-APIKEY": self.key})


@pytest.fixture
def gateway(tmp_path: Path, database: str) -> Iterator[Served]:
    """Serve a facility of 32 accounts whose read models are in a database that the configuration names."""
    directory = tmp_path / "facility"
    make_facility(directory, accounts=CLIENTS)
    (tmp_path / "place").write_text(database + "\n")
    (tmp_path / "place").chmod(0o600)
    place = json.dumps(database) if "://" not in database else '{ file = "place" }'
    config = f"[facility.gateway]\nweight_per_minute = 10000000\n[projections]\ndatabase = {place}\n"
    (tmp_path / "tarazy.toml").write_text(config)
    with served(directory, "--config", str(tmp_path / "tarazy.toml")) as running:
        yield running


def trade(trader: OpenTrader, number: int, together: threading.Barrier) -> list[int]:
    """Trade and read some rounds; return the statuses of all answers."""
    statuses = []
    for step in range(ROUNDS):
        together.wait(300)
        side = "BUY" if (number + step) % 2 else "SELL"
        name = f"c{number}-{step}"
        order = {**ORDER, "side": side, "price": "100", "quantity": "0.25", "newClientOrderId": name}
        placed = trader.ask("POST", "/api/v3/order", **order)
        seen = trader.ask("GET", "/api/v3/order", **BTC, origClientOrderId=name)
        assert seen.json()["orderId"] == placed.json()["orderId"]
        answers = [placed, seen]
        answers += [trader.ask("GET", path, **BTC) for path in ("/api/v3/myTrades", "/api/v3/openOrders")]
        answers.append(trader.ask("GET", "/v1/account/history", limit=10_000))
        statuses += [each.status_code for each in answers]
    trader.ask("DELETE", "/api/v3/openOrders", **BTC)
    return statuses


def test_thirty_two_clients_trade_and_read_at_once_and_agree_with_the_ledger(gateway: Served) -> None:
    traders = [OpenTrader(gateway, *new_key(gateway.directory, number)) for number in range(1, CLIENTS + 1)]
    together = threading.Barrier(CLIENTS)
    with ThreadPoolExecutor(CLIENTS) as pool:
        found = list(pool.map(trade, traders, range(CLIENTS), [together] * CLIENTS))
    assert {status for statuses in found for status in statuses} == {200}
    owned = [{each["asset"]: each for each in t.ask("GET", "/api/v3/account").json()["balances"]} for t in traders]
    for trader, mine in zip(traders, owned, strict=True):
        sums: dict[str, Decimal] = {}
        for line in trader.ask("GET", "/v1/account/history", limit=10_000).json()["rows"]:
            sums[line["asset"]] = sums.get(line["asset"], Decimal(0)) + Decimal(line["change"])
        assert sums == {asset: Decimal(each["free"]) + Decimal(each["locked"]) for asset, each in mine.items()}
        trader.connection.close()
    gateway.process.terminate()
    gateway.process.wait(60)
    with Sequencer.open(gateway.directory, load_engine(fastest())) as sequencer:
        ledger = decode(sequencer.engine.snapshot()).ledger
    for number, mine in enumerate(owned, 1):
        for asset_id, code in ((1, "BTC"), (2, "USD")):
            balance = ledger.balance(number, asset_id)
            seen = (Decimal(mine[code]["free"]) * COIN, Decimal(mine[code]["locked"]) * COIN)
            assert (balance.available.minor, balance.held.minor) == seen
