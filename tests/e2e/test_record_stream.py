"""The record's events of one account: resumed by sequence number over lost connections and a killed server.

The oracle is the record itself: the events file, decoded here without the code under test.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("websockets")

from tarazy.domain.records import EVENTS, RECORD_SIZE, EventKind, TradeExecuted
from tarazy.journal.events_rebuild import recorded

from ..trading_stage import make_facility, new_key, served
from .socket_client import Socket

ACCOUNT = 1
TERMS = {"symbol": "BTCUSD", "type": "LIMIT", "timeInForce": "GTC"}
Key = tuple[str, str]


def expected(directory: Path) -> list[tuple[int, str]]:
    """Return command and kind of every event of the record that names the account."""
    found = []
    for _, events in recorded(directory):
        for at in range(0, len(events), RECORD_SIZE):
            event = EVENTS[int.from_bytes(events[at : at + 2], "little")].unpack(events, at)
            if isinstance(event, TradeExecuted):
                parties = (event.maker_account_id, event.taker_account_id)
            else:
                parties = (getattr(event, "account_id", 0), getattr(event, "from_account_id", 0))
            if ACCOUNT in parties:
                found.append((event.seq, EventKind(int.from_bytes(events[at : at + 2], "little")).name))
    return found


class Listener:
    """A client that hears its account's events and knows how far it has come."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self.heard: list[dict[str, Any]] = []

    def listen(self, url: str, until_seq: int, most: int = 1 << 60) -> None:
        """Connect, go on where it was, and hear events up to a command or so many of them."""
        with Socket(url, "/ws-api/v3") as socket:
            last = self.heard[-1] if self.heard else {"seq": 0, "index": 0}
            answer = socket.ask_signed("record.subscribe", self.key, after=last["seq"], afterIndex=last["index"])
            assert answer["status"] == 200, answer
            for message in (each for each in socket.seen if "event" in each):
                self.heard.append(message["event"])
            while most and (not self.heard or self.heard[-1]["seq"] < until_seq):
                self.heard.append(socket.receive()["event"])
                most -= 1


def play(url: str, keys: list[Key], chance: random.Random, rounds: int) -> int:
    """Trade at random; end with an order of the account and return its command's number."""
    with Socket(url, "/ws-api/v3") as api:
        for _ in range(rounds):
            key, side = chance.choice(keys), chance.choice(("BUY", "SELL"))
            price = str(100 + chance.randint(-3, 3))
            api.ask_signed("order.place", key, **TERMS, side=side, quantity="0.5", price=price)
        placed = api.ask_signed("order.place", keys[0], **TERMS, side="BUY", quantity="1", price="1")
        return int(placed["result"]["orderId"])


def test_events_of_an_account_come_once_and_in_order_over_cuts_and_a_killed_server(tmp_path: Path) -> None:
    directory, chance = tmp_path / "facility", random.Random(4)
    make_facility(directory)
    keys = [new_key(directory, account) for account in (1, 2)]
    listener = Listener(keys[0])
    for life in range(3):
        with served(directory) as running:
            for _ in range(2):
                last_seq = play(running.url, keys, chance, 10)
                listener.listen(running.url, last_seq, most=chance.randint(1, 9))
            listener.listen(running.url, last_seq)
            if life < 2:
                running.process.kill()
                running.process.wait(30)
    found = [(each["seq"], each["event"]) for each in listener.heard]
    assert found == expected(directory)
    assert len(found) > 60
    trades = [each for each in listener.heard if each["event"] == "trade_executed"]
    assert trades
    assert not [each for each in trades if any("maker_" in name or "taker_" in name for name in each)]


def test_events_that_happen_while_one_listens_come_without_asking(tmp_path: Path) -> None:
    directory = tmp_path / "facility"
    make_facility(directory)
    keys = [new_key(directory, account) for account in (1, 2)]
    with served(directory) as running, Socket(running.url, "/ws-api/v3") as socket:
        assert socket.ask_signed("record.subscribe", keys[0])["status"] == 200
        last_seq = play(running.url, keys, random.Random(1), 12)
        heard = [socket.receive()["event"]]
        while heard[-1]["seq"] < last_seq:
            heard.append(socket.receive()["event"])
        refused = socket.ask_signed("record.subscribe", keys[0], after=last_seq + 1_000)
        assert refused["error"]["code"] == -1130
    wanted = [each for each in expected(directory) if each[0] >= heard[0]["seq"]]
    assert [(each["seq"], each["event"]) for each in heard] == wanted
