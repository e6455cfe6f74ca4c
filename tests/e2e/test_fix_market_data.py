"""Market data over FIX: a client that keeps a book by W and X has the book that REST shows, at the same update id."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from tarazy.domain.records import MarketState

from ..fix_client import QuickFixClient, quickfix_client
from ..fix_wire import Fields, FixKey
from ..trading_stage import Served, make_facility, new_key, served
from .test_fix_orders import PORTS
from .test_gateway_attacks import ORDER, Trader

ROOT = Path(__file__).resolve().parents[2]
SIDES = {"0": "bids", "1": "asks"}
Book = dict[str, dict[Decimal, Decimal]]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a facility by FIX for all tests of this file."""
    directory = tmp_path_factory.mktemp("market") / "facility"
    make_facility(directory, accounts=2)
    with served(directory, *PORTS) as found:
        yield found


@pytest.fixture
def client(running: Served, tmp_path: Path) -> Iterator[QuickFixClient]:
    """Return a client of market data; a key that reads is enough."""
    key = FixKey(running.directory, 1, ("read",))
    comp_id = f"M{time.monotonic_ns() % 10**6}"
    with quickfix_client(running.fix["market_data"], key, comp_id, tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def traders(running: Served) -> list[Trader]:
    """Return clients of REST of both accounts."""
    return [Trader(running, *new_key(running.directory, account)) for account in (1, 2)]


def subscribe(client: QuickFixClient, name: str, entries: str, depth: int = 1) -> None:
    """Begin a subscription of BTCUSD."""
    kinds = [{269: entry} for entry in entries]
    client.say("V", {262: name, 263: 1, 264: depth, 266: "Y"}, groups=((267, 269, kinds), (146, 55, [{55: "BTCUSD"}])))


def entries_of(message: Fields) -> list[Fields]:
    """Return the entries of a snapshot or of changes, from the bytes."""
    first = "269=" if message[35] == "W" else "279="
    body = str(message[0]).split("\x01268=", 1)[1].split("\x01", 1)[1].split("\x0110=", 1)[0]
    found = []
    for part in re.split(f"\x01(?={first})", f"\x01{body}"):
        fields = dict(each.split("=", 1) for each in part.split("\x01") if "=" in each)
        if fields:
            found.append({int(tag): value for tag, value in fields.items()})
    return found


def apply(book: Book, message: Fields) -> None:
    """Change a book as a message says; an entry is new, changes or is gone, and nothing else is right."""
    for entry in entries_of(message):
        side, price = book[SIDES[entry[269]]], Decimal(entry[270])
        action = entry.get(279, "0")
        assert (price in side) == (action != "0"), entry
        if action == "2":
            del side[price]
        else:
            side[price] = Decimal(entry[271])


def place(trader: Trader, **terms: str) -> dict[str, object]:
    """Place an order over REST."""
    answer = trader.ask("POST", "/api/v3/order", **{**ORDER, **terms})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def test_book_kept_by_snapshot_and_changes_is_that_of_rest(
    client: QuickFixClient, traders: list[Trader], running: Served
) -> None:
    seller, buyer = traders
    for price in range(90, 95):
        place(buyer, side="BUY", price=str(price), quantity="1")
    subscribe(client, "depth", "01", 5_000)
    snapshot = client.next("W")
    book: Book = {"bids": {}, "asks": {}}
    apply(book, snapshot)
    reached = int(snapshot[25044])
    placed = [place(seller, price=str(price), quantity="0.5") for price in range(101, 140)]
    for order in placed[::3]:
        seller.ask("DELETE", "/api/v3/order", symbol="BTCUSD", orderId=order["orderId"])
    place(seller, price="93", quantity="1.7")
    give_up = time.monotonic() + 10
    while time.monotonic() < give_up:
        # Asked after every change, and 100 levels weigh 5; 5,000 weigh 250, and 6,000 a minute are allowed.
        answer = httpx.get(f"{running.url}/api/v3/depth?symbol=BTCUSD&limit=100")
        assert answer.status_code == 200, answer.text
        rest = answer.json()
        wanted = {side: {Decimal(p): Decimal(q) for p, q in rest[side]} for side in SIDES.values()}
        if book == wanted:
            break
        change = client.next("X")
        assert int(change[25043]) == reached + 1 or int(change[25043]) <= int(change[25044])
        reached = int(change[25044])
        apply(book, change)
    assert book == wanted
    client.say("V", {262: "depth", 263: 2})
    place(seller, price="141")
    client.say("x", {320: "last", 559: 4})
    assert client.next("y")[320] == "last"
    for trader in traders:
        trader.ask("DELETE", "/api/v3/openOrders", symbol="BTCUSD")


def test_trades_and_best_prices_are_told_as_they_happen(client: QuickFixClient, traders: list[Trader]) -> None:
    seller, buyer = traders
    subscribe(client, "trades", "2")
    subscribe(client, "best", "01")
    assert client.next("W")[268] == "0"
    place(buyer, side="BUY", price="95", quantity="2")
    best = client.next("X", f262="best")
    assert (best[279], best[269], best[270], best[271]) == ("0", "0", "95.00000000", "2.00000000")
    place(seller, price="95", quantity="0.5")
    told = [client.next("X"), client.next("X")]
    trade = next(each for each in told if each[262] == "trades")
    best = next(each for each in told if each[262] == "best")
    assert (trade[269], trade[270], trade[271], trade[2446]) == ("2", "95.00000000", "0.50000000", "2")
    assert (best[279], best[271]) == ("1", "1.50000000")
    buyer.ask("DELETE", "/api/v3/openOrders", symbol="BTCUSD")
    best = client.next("X", f262="best")
    assert (best[279], best[269]) == ("2", "0")


@pytest.mark.parametrize(
    ("entries", "depth", "symbol", "reason"),
    [("0", 5, "BTCUSD", "8"), ("01", 0, "BTCUSD", "5"), ("01", 5_001, "BTCUSD", "5"), ("012", 1, "BTCUSD", "8")],
)
def test_request_for_what_is_not_there_is_refused(
    client: QuickFixClient, entries: str, depth: int, symbol: str, reason: str
) -> None:
    subscribe(client, "bad", entries, depth)
    assert client.next("Y", f262="bad")[281] == reason


def test_two_like_subscriptions_and_two_of_a_name_are_refused(client: QuickFixClient) -> None:
    subscribe(client, "one", "2")
    subscribe(client, "one", "01")
    assert client.next("Y")[281] == "1"
    subscribe(client, "two", "2")
    refused = client.next("Y")
    assert (refused[281], refused[25016]) == ("2", "-1191")
    client.say("V", {262: "nobody", 263: 2})
    assert client.next("Y")[262] == "nobody"
    client.say("D", {11: "no", 55: "BTCUSD", 54: 1, 40: 1, 38: 1})
    assert client.next("j")[380] == "3"


def test_instruments_say_what_exchange_info_says(client: QuickFixClient, running: Served) -> None:
    client.say("x", {320: "one", 559: 0, 55: "BTCUSD"})
    told = client.next("y")
    (symbol,) = httpx.get(f"{running.url}/api/v3/exchangeInfo").json()["symbols"]
    found = {each["filterType"]: each for each in symbol["filters"]}
    assert (told[55], told[15], told[969]) == ("BTCUSD", "USD", found["PRICE_FILTER"]["tickSize"])
    assert (told[562], told[1140]) == (found["LOT_SIZE"]["minQty"], found["LOT_SIZE"]["maxQty"])
    client.say("x", {320: "none", 559: 0, 55: "NOTHING"})
    assert client.admin.get(timeout=5)[35] == "A"
    assert client.admin.get(timeout=5)[25016] == "-1121"


def test_state_of_a_market_is_told(client: QuickFixClient) -> None:
    """FIX 4.4: SecurityTradingStatus 17 is ready to trade, TradSesStatus 2 is open."""
    client.say("e", {324: "state", 55: "BTCUSD", 263: 1})
    assert client.next("f")[326] == "17"
    client.say("g", {335: "session", 263: 0})
    told = client.next("h")
    assert (told[336], told[340]) == ("BTCUSD", "2")
    assert told[58] == f"market is {MarketState.continuous.name}"


def test_halt_is_told_to_those_who_asked_for_it(tmp_path: Path) -> None:
    """FIX 4.4: 326 = 2 is a trading halt, 340 = 1 is halted; the officers' instruction is durable before it is told."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    words = [sys.executable, "-m", "tests.instructed_server", str(tmp_path / "facility"), "0", str(port)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            assert process.stdout.readline().startswith("http")
            key = FixKey(tmp_path / "facility", 1, ("read",))
            with quickfix_client(f"tcp://127.0.0.1:{port}", key, "HALTS", tmp_path) as client:
                client.say("e", {324: "state", 55: "BTCUSD", 263: 1})
                client.say("g", {335: "session", 263: 1})
                assert (client.next("f")[326], client.next("h")[340]) == ("17", "2")
                process.stdin.write("halt\n")
                process.stdin.flush()
                assert process.stdout.readline() == "done\n"
                assert (client.next("f")[326], client.next("h")[340]) == ("2", "1")
        finally:
            process.terminate()
