"""Kill -9 of the gateway under flow: the session goes on by its numbers, and nothing acknowledged is lost or doubled.

QuickFIX keeps its numbers in files and asks for what is missing, as FIX 4.4 has it; it was not told how we do.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from ..fix_client import quickfix_client
from ..fix_wire import FixKey, SocketClient, close_sockets
from ..trading_stage import Served, make_facility, new_key, served
from .test_fix_orders import BUY, ORDER
from .test_gateway_attacks import Trader

KEEPS = {"ResetOnLogon": "N", "ResetOnLogout": "N", "ResetOnDisconnect": "N"}
FLOW = 400


def port_of(found: Served) -> str:
    """Return the FIX port, so that a restart takes the same one."""
    return found.fix["orders"].rsplit(":", 1)[1]


def executions(seen: list[dict[int, str]]) -> list[str]:
    """Return the names of all reports of executions."""
    return [found[17] for found in seen if found[35] == "8" and found[150] not in ("8", "I")]


def test_nothing_acknowledged_is_lost_or_doubled(tmp_path: Path) -> None:
    directory = tmp_path / "facility"
    make_facility(directory, accounts=2)
    key, rest_key = FixKey(directory, 1), new_key(directory, 1)
    with served(directory, "--fix-port", "0") as found:
        port = port_of(found)
        url = found.fix["orders"]
        with quickfix_client(url, key, "FLOW", tmp_path, **KEEPS) as client:
            for number in range(FLOW):
                client.say("D", {**BUY, 11: f"o-{number}", 44: 100 - number % 40, 38: "0.01"})
                if number == FLOW // 2:
                    client.next("8")
                    found.process.kill()
            found.process.wait(20)
            with served(directory, "--fix-port", port) as again:
                assert client.on.wait(20)
                client.say("D", {**BUY, 11: "last", 38: "0.01"})
                give_up = time.monotonic() + 20
                told: dict[str, str] = {}
                while len(told) <= FLOW and time.monotonic() < give_up:
                    while not client.messages.empty():
                        client.seen.append(client.messages.get())
                    told = {f[11]: f[37] for f in client.seen if f[35] == "8" and f.get(150) in ("0", "I")}
                    time.sleep(0.05)
                names = {f"o-{number}" for number in range(FLOW)} | {"last"}
                assert set(told) == names, sorted(names - set(told))[:5]
                open_orders = Trader(again, *rest_key).ask("GET", "/api/v3/openOrders").json()
                assert {each["clientOrderId"]: str(each["orderId"]) for each in open_orders} == told
                assert len(open_orders) == FLOW + 1
                reports = executions([f for f in client.seen if f.get(43) != "Y"])
                assert len(reports) == len(set(reports))


def test_executions_while_the_client_was_away_are_told_when_it_comes_back(tmp_path: Path) -> None:
    """And what is to be canceled on a disconnect is canceled also where the gateway itself was killed."""
    directory = tmp_path / "facility"
    make_facility(directory, accounts=2)
    key = FixKey(directory, 1)
    with served(directory, "--fix-port", "0") as found:
        port, url = port_of(found), found.fix["orders"]
        with quickfix_client(url, key, "AWAY", tmp_path, **KEEPS) as client:
            client.say("D", {**BUY, 11: "resting", 38: "3"})
            client.next("8", f11="resting")
        with quickfix_client(url, key, "COPY", tmp_path, {9406: "Y"}, **KEEPS):
            pass
        seller = Trader(found, *new_key(directory, 2))
        sell = {
            "symbol": "BTCUSD",
            "side": "SELL",
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": "1",
            "price": "100",
        }
        assert seller.ask("POST", "/api/v3/order", **sell).json()["status"] == "FILLED"
        dead = SocketClient(url, FixKey(directory, 2), "DEAD")
        dead.log_on(extra=[(9001, "Y")])
        dead.next("A")
        dead.say("D", [(11, "dead"), (55, "BTCUSD"), (54, 2), (40, 2), (38, "1"), (44, "120"), (59, 1)])
        dead.next("8")
        assert len(seller.ask("GET", "/api/v3/openOrders").json()) == 1
        found.process.kill()
        found.process.wait(20)
    close_sockets()
    with served(directory, "--fix-port", port) as found:
        seller = Trader(found, *new_key(directory, 2))
        give_up = time.monotonic() + 10
        while seller.ask("GET", "/api/v3/openOrders").json() and time.monotonic() < give_up:
            time.sleep(0.05)
        assert seller.ask("GET", "/api/v3/openOrders").json() == []
        assert seller.ask("POST", "/api/v3/order", **sell).json()["status"] == "FILLED"
        with quickfix_client(url, key, "AWAY", tmp_path, **KEEPS) as client:
            fills = [client.next("8", f150="F") for _ in range(2)]
            assert [fill[14] for fill in fills] == ["1.00000000", "2.00000000"]
            assert {fill[43] for fill in fills} == {"Y"}
        with quickfix_client(url, key, "COPY", tmp_path, {9406: "Y"}, **KEEPS) as copy:
            copied = [copy.next("8", f150="F") for _ in range(2)]
            assert [each[17] for each in copied] == [fill[17] for fill in fills]
            assert {each[797] for each in copied} == {"Y"}


def test_client_that_lost_its_numbers_resets_and_asks(tmp_path: Path) -> None:
    directory = tmp_path / "facility"
    make_facility(directory)
    key = FixKey(directory, 1)
    folder = tmp_path / "numbers"
    folder.mkdir()
    with served(directory, "--fix-port", "0") as found:
        with quickfix_client(found.fix["orders"], key, "LOST", folder, **KEEPS) as client:
            for number in range(3):
                client.say("D", {**BUY, 11: f"kept-{number}"})
                client.next("8", f11=f"kept-{number}")
        shutil.rmtree(folder)
        folder.mkdir()
        with quickfix_client(found.fix["orders"], key, "LOST", folder, **KEEPS) as client:
            refused, goodbye = client.admin.get(), client.admin.get()  # then QuickFIX goes on at the number it was told
            assert (refused[35], refused[45], goodbye[35]) == ("3", "1", "5")
            assert goodbye[58] == "MsgSeqNum too low, expecting 6 but received 1"  # Logon, three orders, Logout
        with quickfix_client(found.fix["orders"], key, "LOST", folder, **(KEEPS | {"ResetOnLogon": "Y"})) as client:
            client.say("H", {11: "kept-1", 55: "BTCUSD"})
            assert client.next("8", f150="I")[39] == "0"
            client.say("D", {**ORDER, 54: 1, 11: "kept-1"})
            assert client.next("8", f150="8")[25016] == "-2010"
