"""QuickFIX, which we did not write, trades over FIX; prices and fees are computed by hand.

QuickFIX holds all that it is sent to schemas/fix/tarazy-fix44.xml. What it is told equals what REST answers from the
read models and what the ledger of a second engine holds that replays the record.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tarazy.journal.verify import verify

from ..fix_client import QuickFixClient, quickfix_client
from ..fix_wire import FixKey
from ..trading_stage import Served, make_facility, new_key, served
from .test_gateway_attacks import Trader
from .test_gateway_clients import ledger

PORTS = ("--fix-port", "0", "--fix-market-data-port", "0")
ORDER = {55: "BTCUSD", 54: 2, 40: 2, 38: "1", 44: "100", 59: 1}
BUY = {**ORDER, 54: 1}
Pair = tuple[QuickFixClient, QuickFixClient]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a facility by FIX for all tests of this file."""
    directory = tmp_path_factory.mktemp("fix") / "facility"
    make_facility(directory, accounts=4)
    with served(directory, *PORTS) as found:
        yield found


@pytest.fixture(scope="module")
def clients(running: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Return the clients of accounts 1 and 2; the last price is 100."""
    folder = tmp_path_factory.mktemp("quickfix")
    keys = [FixKey(running.directory, account) for account in (1, 2)]
    orders = running.fix["orders"]
    with (
        quickfix_client(orders, keys[0], "FIRST", folder) as first,
        quickfix_client(orders, keys[1], "SECOND", folder) as second,
    ):
        first.say("D", {**BUY, 11: "begin-1"})
        second.say("D", {**ORDER, 11: "begin-2"})
        second.next("8", f150="F")
        first.next("8", f150="F")
        yield first, second


def rest(running: Served, account_id: int) -> Trader:
    """Return a client of REST of an account."""
    return Trader(running, *new_key(running.directory, account_id))


def test_limit_order_is_placed_filled_in_part_and_canceled(clients: Pair, running: Served) -> None:
    first, second = clients
    first.say("D", {**BUY, 11: "bid-1", 38: "2", 44: "99"})
    placed = first.next("8", f11="bid-1")
    assert (placed[150], placed[39], placed[14], placed[151]) == ("0", "0", "0.00000000", "2.00000000")
    second.say("D", {55: "BTCUSD", 54: 2, 40: 1, 38: "0.5", 11: "sell-1"})
    filled = second.next("8", f150="F", f11="sell-1")
    assert (filled[39], filled[31], filled[32], filled[1057]) == ("2", "99.00000000", "0.50000000", "Y")
    bought = first.next("8", f150="F", f11="bid-1")
    assert (bought[39], bought[14], bought[151], bought[1057]) == ("1", "0.50000000", "1.50000000", "N")
    assert bought[25017] == "49.50000000"  # 0.5 at 99
    assert bought[1003] == filled[1003]
    assert (bought[137], bought[138]) == ("0.00050000", "BTC")  # 1,000 ppm of 0.5, in what is received
    first.say("F", {11: "cancel-1", 41: "bid-1", 55: "BTCUSD"})
    gone = first.next("8", f150="4")
    assert (gone[11], gone[41], gone[39], gone[151]) == ("cancel-1", "bid-1", "4", "0.00000000")
    seen = rest(running, 1).ask("GET", "/api/v3/order", symbol="BTCUSD", origClientOrderId="bid-1").json()
    assert (str(seen["orderId"]), seen["status"], seen["executedQty"]) == (gone[37], "CANCELED", "0.50000000")


def placed_today(running: Served) -> int:
    """Return how many orders count against the first account's limit of a day."""
    rows = rest(running, 1).ask("GET", "/api/v3/rateLimit/order").json()
    return next(int(row["count"]) for row in rows if row["interval"] == "DAY")


def test_order_that_is_made_smaller_keeps_its_place_and_another_price_loses_it(clients: Pair, running: Served) -> None:
    first, second = clients
    first.say("D", {**BUY, 11: "early", 38: "2", 44: "98"})
    first.next("8", f11="early")
    first.say("D", {**BUY, 11: "late", 38: "1", 44: "98"})
    first.next("8", f11="late")
    first.say("G", {11: "less", 41: "early", 55: "BTCUSD", 38: "1", 40: 2, 54: 1})
    less = first.next("8", f150="5")
    assert (less[11], less[41], less[38], less[44]) == ("less", "early", "1.00000000", "98.00000000")
    second.say("D", {**ORDER, 11: "hit-1", 44: "98"})
    assert first.next("8", f150="F")[11] == "early"
    first.say("XAK", {11: "half", 41: "late", 55: "BTCUSD", 38: "0.5"})
    assert first.next("8", f150="5")[38] == "0.50000000"
    first.say("XAK", {11: "more", 41: "late", 55: "BTCUSD", 38: "3"})
    assert first.next("XAR")[25016] == "-2038"
    before = placed_today(running)
    first.say("G", {11: "dearer", 41: "late", 55: "BTCUSD", 38: "0.5", 44: "99"})
    assert first.next("8", f150="5")[44] == "99.00000000"
    assert placed_today(running) == before + 1  # as a new order at that price does
    first.say("G", {11: "other", 41: "late", 55: "BTCUSD", 38: "0.5", 54: 2})
    refused = first.next("9")
    assert (refused[434], refused[25016], "Side (54)" in refused[58]) == ("2", "-2038", True)
    first.say("q", {11: "all", 55: "BTCUSD", 530: 1})
    assert first.next("r")[533] == "1"


def test_every_type_of_order_is_taken_and_told_as_it_is(clients: Pair) -> None:
    first, _ = clients
    up = {1100: 4, 1101: 1, 1107: 2, 1109: "U"}
    stop = {**BUY, **up, 1102: "120"}
    kinds = {
        "post": ({**BUY, 18: 6, 44: "90"}, {40: "2", 18: "6"}),
        "stop-limit": ({**stop, 40: 4, 44: "121"}, {40: "4", 1109: "U", 1102: "120.00000000"}),
        "take-limit": ({**stop, 40: 4, 44: "70", 1109: "D", 1102: "80"}, {40: "4", 1109: "D"}),
        "trailing": (
            {tag: value for tag, value in {**stop, 40: 3, 25009: "100"}.items() if tag not in (44, 59)},
            {40: "3", 25009: "100"},
        ),
        "iceberg": ({**BUY, 44: "91", 38: "10", 111: "1"}, {111: "1.00000000"}),
    }
    for name, (sent, told) in kinds.items():
        first.say("D", {**sent, 11: name})
        found = first.next("8", f11=name)
        assert (found[39], {tag: found.get(tag) for tag in told}) == ("0", told), (name, found)
    first.say("q", {11: "away", 55: "BTCUSD", 530: 1})
    assert first.next("r")[533] == str(len(kinds))


def test_list_is_placed_told_and_canceled_as_one(clients: Pair) -> None:
    first, _ = clients
    stop = {
        11: "below",
        55: "BTCUSD",
        54: "2",
        38: "1",
        40: "3",
        1100: "4",
        1101: "1",
        1102: "80",
        1107: "2",
        1109: "D",
    }
    above = {11: "above", 55: "BTCUSD", 54: "2", 38: "1", 40: "2", 18: "6", 44: "130"}
    first.say("E", {25014: "pair", 1385: 1}, groups=((73, 11, [stop, above]),))
    told = first.next("N", f429="4")
    assert (told[25014], told[1385], told[431], told[73]) == ("pair", "1", "3", "2")
    first.say("F", {11: "gone", 25015: "pair", 55: "BTCUSD"})
    for _ in range(2):
        found = first.next("8", f150="4")
        assert (found[11], found[41] in ("below", "above"), found[66]) == ("gone", True, told[66])
    assert first.next("N", f429="5")[431] == "6"
    first.say("E", {25014: "odd", 1385: 1}, groups=((73, 11, [stop]),))
    refused = first.next("N", f429="2")
    assert (refused[431], refused[25016]) == ("7", "-1130")


def test_cancel_and_new_are_answered_each_for_itself(clients: Pair) -> None:
    first, _ = clients
    first.say("D", {**BUY, 11: "old", 44: "95"})
    first.next("8", f11="old")
    first.say("XCN", {25033: 1, 41: "old", 25034: "away", **BUY, 11: "new", 44: "94"})
    gone = first.next("8", f150="4")
    assert (gone[11], gone[41]) == ("away", "old")
    assert first.next("8", f150="0")[11] == "new"
    first.say("XCN", {25033: 1, 41: "old", 25034: "again", **BUY, 11: "never", 44: "94"})
    assert (first.next("9")[11], first.messages.empty()) == ("again", True)
    first.say("XCN", {25033: 2, 41: "old", 25034: "again", **BUY, 11: "still", 44: "94"})
    assert first.next("9")[25016] == "-2011"
    assert first.next("8", f150="0")[11] == "still"
    first.say("q", {11: "all", 55: "BTCUSD", 530: 1})
    assert first.next("r")[533] == "2"


def test_status_is_told_of_an_order_and_of_none(clients: Pair) -> None:
    first, _ = clients
    first.say("D", {**BUY, 11: "asked", 44: "93"})
    number = first.next("8", f11="asked")[37]
    first.say("H", {11: "asked", 55: "BTCUSD", 790: "q1"})
    told = first.next("8", f150="I")
    assert (told[37], told[39], told[790]) == (number, "0", "q1")
    first.say("H", {37: number, 55: "BTCUSD"})
    assert first.next("8", f150="I")[11] == "asked"
    first.say("H", {11: "nobody", 55: "BTCUSD", 54: 1})
    assert first.next("8", f150="8")[25016] == "-2013"
    first.say("F", {11: "end", 37: number, 55: "BTCUSD"})
    first.next("8", f150="4")


@pytest.mark.parametrize(
    ("changed", "code", "words"),
    [
        ({54: 2, 38: "1000", 44: "149"}, "-2010", "[insufficient_balance]"),
        ({44: "400"}, "-1013", "[price_outside_collar]"),
        ({44: "0.000000001"}, "-1111", "Price (44)"),
        ({55: "NOTHING"}, "-1121", "Invalid symbol."),
        ({59: 0}, "-1115", "TimeInForce (59)"),
        ({11: "x" * 37}, "-1100", "ClOrdID (11)"),
        ({152: "5"}, "-1106", "CashOrderQty (152)"),
    ],
)
def test_refusal_has_the_dialect_s_code_and_our_reason(
    clients: Pair, changed: dict[int, Any], code: str, words: str
) -> None:
    first, _ = clients
    first.say("D", {**BUY, 11: "bad", **changed})
    refused = first.next("8", f150="8")
    assert (refused[39], refused[25016], words in refused[58]) == ("8", code, True), refused


def test_name_counts_once_over_fix_and_rest(clients: Pair, running: Served) -> None:
    first, _ = clients
    first.say("D", {**BUY, 11: "once", 44: "92"})
    first.next("8", f11="once", f150="0")
    first.say("D", {**BUY, 11: "once", 44: "92"})
    assert first.next("8", f150="8")[58].startswith("Duplicate order sent. [client_order_id_taken]")
    order = {"symbol": "BTCUSD", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "92"}
    again = rest(running, 1).ask("POST", "/api/v3/order", **order, newClientOrderId="once").json()
    assert (again["code"], again["reject"]) == (-2010, "client_order_id_taken")
    first.say("F", {11: "end-2", 41: "once", 55: "BTCUSD"})
    first.next("8", f150="4")


def test_another_account_s_order_is_unknown(clients: Pair) -> None:
    first, second = clients
    first.say("D", {**BUY, 11: "mine", 44: "90"})
    number = first.next("8", f11="mine")[37]
    second.say("F", {11: "steal", 37: number, 55: "BTCUSD"})
    assert second.next("9")[25016] == "-2011"
    second.say("G", {11: "alter", 37: number, 55: "BTCUSD", 38: "0.1"})
    assert second.next("9")[25016] == "-2038"
    second.say("H", {37: number, 55: "BTCUSD"})
    assert second.next("8", f150="8")[25016] == "-2013"
    first.say("F", {11: "mine-end", 37: number, 55: "BTCUSD"})
    assert first.next("8", f150="4")[41] == "mine"


def test_drop_copy_is_told_the_same_executions_of_all_ways_in(clients: Pair, running: Served, tmp_path: Path) -> None:
    _, second = clients
    key = FixKey(running.directory, 3)
    reader = FixKey(running.directory, 3, ("read",))
    with (
        quickfix_client(running.fix["orders"], reader, "COPY", tmp_path, {9406: "Y"}) as copy,
        quickfix_client(running.fix["orders"], key, "THIRD", tmp_path) as third,
    ):
        third.say("D", {**BUY, 11: "seen-1", 38: "2", 44: "100"})
        third.next("8", f11="seen-1")
        order = {"symbol": "BTCUSD", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1"}
        rest(running, 3).ask("POST", "/api/v3/order", **order, price="97", newClientOrderId="by-rest")
        third.next("8", f11="by-rest")
        second.say("D", {**ORDER, 11: "hit-2", 44: "100"})
        third.next("8", f150="F")
        third.say("q", {11: "end", 55: "BTCUSD", 530: 1})
        third.next("8", f150="4")
        third.next("8", f150="4")
        copy.say("D", {**BUY, 11: "no"})
        refused = copy.next("j")
        assert (refused[380], refused[372]) == ("3", "D")
    told = [found for found in copy.seen if found[35] == "8"]
    assert {found[797] for found in told} == {"Y"}
    own = [found for found in third.seen if found[35] == "8"]
    assert [found[17] for found in told] == [found[17] for found in own]
    assert all(797 not in found for found in own)
    strip = (8, 9, 10, 34, 49, 52, 56, 0, 11, 41, 797)
    assert [{t: v for t, v in f.items() if t not in strip} for f in told] == [
        {t: v for t, v in f.items() if t not in strip} for f in own
    ]


def test_acknowledgements_alone_are_sent_where_they_are_wished_for(running: Served, tmp_path: Path) -> None:
    key = FixKey(running.directory, 4)
    with quickfix_client(running.fix["orders"], key, "ACKS", tmp_path, {25036: "2"}) as client:
        client.say("D", {**BUY, 11: "ack-1", 44: "96"})
        assert client.next("8")[39] == "0"
        client.say("G", {11: "ack-2", 41: "ack-1", 55: "BTCUSD", 38: "0.5"})
        changed = client.next("8", f150="5")
        assert (changed[11], changed[41], changed[38]) == ("ack-2", "ack-1", "0.50000000")
        by_rest = rest(running, 4).ask("DELETE", "/api/v3/openOrders", symbol="BTCUSD")
        assert by_rest.status_code == 200
        client.say("XLQ", {6136: "limits"})
        limits = client.next("XLR")
        assert (limits[25003], limits[25004], limits[25006]) == ("3", "2", "10000")
        assert len(client.seen) == 3  # the cancel by REST was not told


def test_what_clients_are_told_equals_the_ledger(clients: Pair, running: Served) -> None:
    """Each account began with 100 BTC and 10,000,000 USD; its own fills say what it has now."""
    start = {"BTC": Decimal(100), "USD": Decimal(10_000_000)}
    for account_id, client in enumerate(clients, 1):
        client.say("XLQ", {6136: "all is heard"})
        client.next("XLR")
        held = dict(start)
        for found in (each for each in client.seen if each.get(150) == "F"):
            lots, price, fee = (Decimal(found[tag]) for tag in (32, 31, 137))
            sign = 1 if found[54] == "1" else -1
            held["BTC"] += sign * lots
            held["USD"] -= sign * lots * price
            held[found[138]] -= fee
        assert {asset: sum(amounts) for asset, amounts in ledger(running.directory, account_id).items()} == held


def test_clients_are_told_before_the_gateway_stops_and_the_record_verifies(clients: Pair, running: Served) -> None:
    first, _ = clients
    running.process.terminate()
    assert first.next("B")[148] == "Your connection is about to be closed. Please reconnect."
    assert running.process.wait(30) == 0
    assert verify(running.directory).ok
