"""Orders bear the number of the session that placed them, by which an officer, or the end of a connection, ends them.

What is right: CancelAll with a session takes that session's orders and no others (docs/concepts/order-control.md, where
the ranges of the numbers stand), and what a client asked to be canceled at a disconnect is canceled also where the
gateway itself was killed.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tarazy.cli.market_data.playing import KEY_NAMES
from tarazy.domain.records import COMMANDS, RECORD_SIZE, CommandKind
from tarazy.journal.frame import FrameKind
from tarazy.journal.keys import keys_folder
from tarazy.journal.reader import JournalReader

from ..signing_stage import signing_client
from ..trading_stage import Served, make_facility, new_key, served
from ..web_person import PageClient, new_person
from .conftest import Done
from .socket_client import Socket
from .test_gateway_attacks import ORDER, Trader

WAIT_S = 60.0
Run = Callable[..., Done]
FAR = {**ORDER, "price": "140"}
BY_PAGE = {name: value for name, value in FAR.items() if name != "symbol"}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve one facility for the tests of this file."""
    directory = tmp_path_factory.mktemp("sessions") / "facility"
    make_facility(directory)
    with served(directory) as running:
        yield running


def placed(socket: Socket, key: tuple[str, str]) -> int:
    """Place an order that rests, over a connection; return its number."""
    answer = socket.ask_signed("order.place", key, **FAR)
    assert answer["status"] == 200, answer
    number: int = answer["result"]["orderId"]
    return number


def number_of(socket: Socket) -> int:
    """Return the number of a connection."""
    found: int = socket.ask("session.status")["result"]["sessionId"]
    return found


def states(trader: Trader, numbers: list[int]) -> list[str]:
    """Return how orders stand."""
    answers = [trader.ask("GET", "/api/v3/order", symbol="BTCUSD", orderId=number).json() for number in numbers]
    return [each["status"] for each in answers]


def recorded(directory: Path) -> dict[int, int]:
    """Return the session of each order of the record."""
    found = {}
    for frame in JournalReader(directory):
        for index in range(frame.header.command_count if frame.header.kind == FrameKind.commands else 0):
            record = frame.commands[index * RECORD_SIZE : (index + 1) * RECORD_SIZE]
            if int.from_bytes(record[:2], "little") == CommandKind.place_order:
                command = COMMANDS[CommandKind.place_order].unpack(record)
                found[frame.header.first_seq + index] = command.session_id
    return found


def test_officer_kills_one_connection_and_the_key_s_other_orders_stay(gateway: Served, tarazy: Run) -> None:
    paper = gateway.directory.with_name("why.txt")
    paper.write_text("One of a member's connections runs wild.\n")
    key = new_key(gateway.directory, 1)
    trader, sockets = Trader(gateway, *key), [Socket(gateway.url, "/ws-api/v3") for _ in range(2)]
    assert number_of(sockets[0]) is None, "a connection without an order has no number"
    orders = [placed(socket, key) for socket in sockets]
    orders.append(trader.ask("POST", "/api/v3/order", **FAR).json()["orderId"])
    listed = tarazy("facility", "key", "list", gateway.directory, "--json").json["keys"]
    of_key = next(each["session"] for each in listed if each["api_key"] == key[0])
    numbers = [number_of(socket) for socket in sockets] + [of_key]
    assert [recorded(gateway.directory)[order] for order in orders] == numbers
    assert numbers[1] == numbers[0] + 1 > 32_768
    terms = [gateway.directory, "--url", gateway.url, "--officer", 1, "--reason", paper, "--json"]
    terms += ["--key", keys_folder(gateway.directory) / f"{KEY_NAMES[0]}.key", "--account", 1]
    done = tarazy("instruct", "kill", *terms, "--session", numbers[0])
    assert (done.code, done.json["refused"]) == (0, 0), done.err
    wait_for(trader, orders, ["CANCELED", "NEW", "NEW"])
    done = tarazy("instruct", "kill", *terms, "--session", of_key)
    wait_for(trader, orders, ["CANCELED", "NEW", "CANCELED"])
    for socket in sockets:
        socket.close()
    assert states(trader, orders[1:2]) == ["NEW"], "nobody asked that it ends with its connection"


def wait_for(trader: Trader, numbers: list[int], wanted: list[str]) -> None:
    """Wait until orders stand as they should."""
    give_up = time.monotonic() + WAIT_S
    while (found := states(trader, numbers)) != wanted:
        assert time.monotonic() < give_up, found
        time.sleep(0.1)


def test_orders_of_a_connection_that_asked_for_it_end_with_it_and_others_stay(gateway: Served) -> None:
    key = new_key(gateway.directory, 2)
    trader, ends, stays, changed = Trader(gateway, *key), *(Socket(gateway.url, "/ws-api/v3") for _ in range(3))
    wish = ends.ask_signed("session.cancelOnDisconnect", key, enabled="true")["result"]
    assert wish == {"sessionId": number_of(ends), "enabled": True}
    changed.ask_signed("session.cancelOnDisconnect", key, enabled="true")
    assert changed.ask_signed("session.cancelOnDisconnect", key, enabled="false")["result"]["enabled"] is False
    orders = [placed(ends, key), placed(ends, key), placed(stays, key), placed(changed, key)]
    for socket in (ends, stays, changed):
        socket.close()
    wait_for(trader, orders, ["CANCELED", "CANCELED", "NEW", "NEW"])


def test_wish_needs_a_key_that_trades_and_a_word_that_is_one(gateway: Served) -> None:
    socket = Socket(gateway.url, "/ws-api/v3")
    reader, key = new_key(gateway.directory, 2, ("read",)), new_key(gateway.directory, 2)
    assert socket.ask("session.cancelOnDisconnect", {"enabled": "true"})["error"]["code"] == -1102
    assert socket.ask_signed("session.cancelOnDisconnect", reader, enabled="true")["error"]["code"] == -2015
    assert socket.ask_signed("session.cancelOnDisconnect", key, enabled="maybe")["error"]["code"] == -1100
    assert socket.ask_signed("session.cancelOnDisconnect", key)["error"]["code"] == -1102
    socket.close()


def test_orders_of_two_logins_at_the_pages_are_told_apart_and_one_login_s_are_killed(
    gateway: Served, tarazy: Run
) -> None:
    paper = gateway.directory.with_name("pages.txt")
    paper.write_text("Somebody has a client's browser.\n")
    person, trader = new_person(gateway.directory, "saule", (3,)), Trader(gateway, *new_key(gateway.directory, 3))
    numbers = []
    for _ in range(2):
        browser = PageClient(gateway.url)
        try:
            browser.log_in(person)
            numbers += [browser.act(3, "order", **BY_PAGE)["orderId"] for _ in range(2)]
        finally:
            browser.close()
    sessions = recorded(gateway.directory)
    first, second = ({sessions[number] for number in part} for part in (numbers[:2], numbers[2:]))
    assert (len(first), len(second), first & second) == (1, 1, set())
    terms = [gateway.directory, "--url", gateway.url, "--officer", 1, "--reason", paper, "--json"]
    terms += ["--key", keys_folder(gateway.directory) / f"{KEY_NAMES[0]}.key", "--account", 3]
    done = tarazy("instruct", "kill", *terms, "--session", first.pop())
    assert (done.code, done.json["refused"]) == (0, 0), done.err
    wait_for(trader, numbers, ["CANCELED", "CANCELED", "NEW", "NEW"])


def test_after_a_kill_of_the_gateway_its_next_start_cancels_and_gives_no_number_again(tmp_path: Path) -> None:
    directory = tmp_path / "facility"
    make_facility(directory)
    key = new_key(directory, 1)
    with served(directory) as running:
        socket, other = (Socket(running.url, "/ws-api/v3") for _ in range(2))
        socket.ask_signed("session.cancelOnDisconnect", key, enabled="true")
        orders = [placed(socket, key), placed(other, key)]
        before = {number_of(socket), number_of(other)}
        running.process.kill()
        running.process.wait(20)
    with served(directory) as running:
        trader, socket = Trader(running, *key), Socket(running.url, "/ws-api/v3")
        wait_for(trader, orders, ["CANCELED", "NEW"])
        orders.append(placed(socket, key))
        assert number_of(socket) not in before
        assert states(trader, orders) == ["CANCELED", "NEW", "NEW"]
        socket.close()


def test_account_that_signs_everything_sets_its_timer_instead(gateway: Served) -> None:
    client = signing_client(gateway, 3, signed_only=True)
    assert client.ask("POST", "/v1/cancel-after", timeoutMs=60_000)["timeoutMs"] == 60_000
    socket = Socket(gateway.url, "/ws-api/v3")
    asked: dict[str, Any] = {"enabled": "true", **signed_of(client)}
    assert socket.ask("session.cancelOnDisconnect", asked)["error"]["code"] == -1020
    socket.close()


def signed_of(client: Any) -> dict[str, Any]:
    """Return key, time and signature over a wish."""
    values = {"apiKey": client.key_id, "enabled": "true", "timestamp": time.time_ns() // 10**6}
    text = "&".join(f"{name}={value}" for name, value in sorted(values.items()))
    return {**values, "signature": base64.b64encode(client.private.sign(text.encode())).decode()}
