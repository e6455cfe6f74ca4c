"""The session layer and what must not pass it: FIX 4.4, volume 2, and the dialect's codes (errors.md)."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..fix_wire import FixKey, SocketClient, close_sockets, sending_time, wire
from ..trading_stage import Served, make_facility, new_key, served
from .test_fix_orders import PORTS
from .test_gateway_attacks import Trader

ORDER = [(55, "BTCUSD"), (54, 1), (40, 2), (38, "1"), (44, "100"), (59, 1)]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a facility by FIX for all tests of this file; it writes no trace of a failure."""
    directory = tmp_path_factory.mktemp("sessions") / "facility"
    make_facility(directory, accounts=3)
    with served(directory, *PORTS) as found:
        yield found
        found.process.terminate()
        _, complaints = found.process.communicate(timeout=30)
        assert "Traceback" not in complaints, complaints[-3_000:]


@pytest.fixture(autouse=True)
def closed_sockets() -> Iterator[None]:
    """Disconnect what a test leaves open."""
    yield
    close_sockets()


@pytest.fixture(scope="module")
def key(running: Served) -> FixKey:
    """Return a key of account 1."""
    return FixKey(running.directory, 1)


@pytest.fixture
def client(running: Served, key: FixKey) -> Iterator[SocketClient]:
    """Return a client that has logged on."""
    client = SocketClient(running.fix["orders"], key, f"C{time.monotonic_ns() % 10**6}")
    client.log_on()
    assert client.next()[35] == "A"
    yield client
    client.close()


def refused(client: SocketClient) -> tuple[str, str]:
    """Return reason and code of a refused Logon; behind it the connection ends."""
    found = client.next("3")
    assert (client.next()[35], client.next()) == ("5", {})
    return found[373], found[25016]


def test_published_example_of_a_signature_is_the_same(running: Served) -> None:
    """binance-spot-api-docs, fix-api.md, "How to sign Logon": private key and fields to the signature."""
    import base64

    from cryptography.hazmat.primitives.serialization import load_der_private_key

    der = base64.b64decode("MC4CAQAwBQYDK2VwBCIEIIJEYWtGBrhACmb9Dvy+qa8WEf0lQOl1s4CLIAB9m89u")
    sample = FixKey.__new__(FixKey)
    sample.private = load_der_private_key(der, None)  # type: ignore[assignment]
    assert (
        sample.signature("A", "EXAMPLE", "SPOT", "1", "20240627-11:17:25.223")
        == "4MHXelVVcpkdwuLbl6n73HQUXUf1dse2PCgT1DYqW9w8AVZ1RACFGM+5UdlGPrQHrgtS3CvsRURC1oj73j8gCA=="
    )


@pytest.mark.parametrize(
    ("terms", "reason", "code"),
    [
        ({"signature": "A" * 86 + "=="}, "8", "-1022"),
        ({"at": sending_time(-3_600)}, "10", "-1021"),
        ({"at": sending_time(3_600)}, "10", "-1021"),
        ({"key_id": "A" * 64}, "99", "-2015"),
        ({"key_id": "no key!"}, "99", "-2014"),
        ({"heartbeat": 4}, "5", "-1130"),
        ({"heartbeat": 61}, "5", "-1130"),
        ({"seq": 7}, "5", "-1130"),
        ({"seq": 7, "resets": False}, "99", "-1130"),
        ({"extra": [(25036, 3)]}, "5", "-1130"),
        ({"extra": [(9999, 3)]}, "3", "-1130"),
    ],
)
def test_logon_that_must_not_pass_is_refused(
    running: Served, key: FixKey, terms: dict[str, object], reason: str, code: str
) -> None:
    client = SocketClient(running.fix["orders"], key, "BAD")
    client.log_on(**terms)
    assert refused(client) == (reason, code)


def test_replayed_logon_is_refused(running: Served, key: FixKey) -> None:
    at = sending_time()
    first, second = (SocketClient(running.fix["orders"], key, "TWICE") for _ in range(2))
    first.log_on(at=at)
    assert first.next()[35] == "A"
    first.say("5", [])
    assert first.next()[35] == "5"
    time.sleep(0.1)
    second.log_on(at=at)
    assert refused(second) == ("99", "-2010")


def test_key_of_another_kind_scope_or_address_is_refused(running: Served) -> None:
    url = running.fix["orders"]
    shared = FixKey(running.directory, 1)
    shared.key_id, _ = new_key(running.directory, 1)
    reader = FixKey(running.directory, 1, ("read",))
    elsewhere = FixKey(running.directory, 1, networks=["192.0.2.0/24"])
    for bad, code in ((shared, "-2014"), (reader, "-2015"), (elsewhere, "-2015")):
        client = SocketClient(url, bad, "KIND")
        client.log_on()
        assert refused(client)[1] == code
    copy = SocketClient(url, reader, "KIND")
    copy.log_on(extra=[(9406, "Y")])
    assert copy.next()[35] == "A"


def test_second_connection_of_a_session_and_a_sixth_session_are_refused(running: Served) -> None:
    key = FixKey(running.directory, 3)
    clients = [SocketClient(running.fix["orders"], key, f"S{number}") for number in range(7)]
    for client in clients[:5]:
        client.log_on()
        assert client.next()[35] == "A"
    clients[5].log_on()
    assert refused(clients[5])[1] == "-1034"
    clients[6].comp_id = "S0"
    clients[6].log_on()
    assert refused(clients[6])[1] == "-1034"
    for client in clients:
        client.close()


def test_revoked_key_ends_its_session(running: Served) -> None:
    from tarazy.facility.accounts.api_keys import ApiKeyStore, api_keys_folder
    from tarazy.journal.keys import keys_folder

    key = FixKey(running.directory, 2)
    client = SocketClient(running.fix["orders"], key, "REVOKED")
    client.log_on()
    assert client.next()[35] == "A"
    store = ApiKeyStore(api_keys_folder(keys_folder(running.directory)))
    store.revoke(key.key_id, "left the firm")
    store.close()
    assert "not in force" in client.next("5")[58]


def test_number_that_is_too_low_ends_the_connection(client: SocketClient) -> None:
    client.say("0", [], seq=1)
    found = client.next("5")
    assert found[58] == "MsgSeqNum too low, expecting 2 but received 1"
    assert client.next() == {}


def test_number_that_is_too_high_is_asked_for_and_the_order_is_taken_once(client: SocketClient) -> None:
    client.say("D", [(11, "gap-2"), *ORDER], seq=3)
    asked = client.next("2")
    assert (asked[7], asked[16]) == ("2", "0")
    client.raw(again(client, 2, "D", [(11, "gap-1"), *ORDER]))
    client.raw(again(client, 3, "D", [(11, "gap-2"), *ORDER]))
    assert [client.next("8")[11] for _ in range(2)] == ["gap-1", "gap-2"]
    client.say("q", [(11, "end"), (55, "BTCUSD"), (530, 1)], seq=4)
    assert client.next("r")[533] == "2"


def again(client: SocketClient, seq: int, kind: str, fields: list[tuple[int, object]]) -> bytes:
    """Return a message that is sent again."""
    at = sending_time()
    pairs: list[tuple[int, object]] = [(43, "Y"), (122, at), *fields]
    return wire(kind, seq, client.comp_id, at, pairs)


def test_order_that_is_sent_again_as_possibly_known_is_told_and_not_placed_again(client: SocketClient) -> None:
    client.say("D", [(11, "known"), *ORDER])
    number = client.next("8")[37]
    client.say("D", [(97, "Y"), (11, "known"), *ORDER])
    told = client.next("8")
    assert (told[150], told[37]) == ("I", number)
    client.say("F", [(11, "end"), (41, "known"), (55, "BTCUSD")])
    assert client.next("8")[150] == "4"


def test_messages_are_sent_again_and_others_are_passed_over(client: SocketClient) -> None:
    client.say("1", [(112, "there?")])
    assert client.next("0")[112] == "there?"
    client.say("D", [(11, "again"), *ORDER])
    first = client.next("8")
    client.say("1", [(112, "still?")])
    client.next("0")
    client.say("2", [(7, 1), (16, 0)])
    gap = client.next("4")
    assert (gap[34], gap[36], gap[123], gap[43]) == ("1", first[34], "Y", "Y")
    told = client.next("8")
    assert (told[34], told[43], told[122], told[17]) == (first[34], "Y", first[52], first[17])
    rest = client.next("4")
    assert int(rest[34]) == int(first[34]) + 1
    client.say("D", [(11, "next"), *ORDER])
    following = client.next("8")
    assert (following[34], 43 in following) == (rest[36], False)
    client.say("q", [(11, "end"), (55, "BTCUSD"), (530, 1)])
    client.next("r")


def test_gap_that_the_client_does_not_fill_is_passed_over(client: SocketClient) -> None:
    client.raw(again(client, 2, "4", [(123, "Y"), (36, 9)]))
    client.say("1", [(112, "now 9")], seq=9)
    assert client.next("0")[112] == "now 9"
    client.say("4", [(36, 3)], seq=10)
    assert client.next("3")[373] == "5"


@pytest.mark.parametrize(
    ("kind", "fields", "reason", "tag"),
    [
        ("D", [(11, "a"), *ORDER[1:]], "1", "55"),
        ("D", [(11, "a"), *ORDER, (9999, 1)], "3", "9999"),
        ("D", [(11, "a"), *ORDER, (262, 1)], "2", "262"),
        ("D", [(11, "a"), *ORDER, (55, "X")], "13", "55"),
        ("D", [(11, "a"), (54, 9), *ORDER[:1], *ORDER[2:]], "5", "54"),
        ("D", [(11, "a"), (38, "ten"), *ORDER[:3], *ORDER[4:]], "6", "38"),
        ("E", [(25014, "l"), (1385, 1), (73, 2), (11, "a"), *ORDER], "16", "73"),
        ("AE", [(11, "a")], "11", "35"),
    ],
)
def test_message_of_another_form_is_rejected_and_the_session_goes_on(
    client: SocketClient, kind: str, fields: list[tuple[int, object]], reason: str, tag: str
) -> None:
    client.say(kind, fields)
    found = client.next("3")
    assert (found[373], found[371], found[45], found[372]) == (reason, tag, "2", kind)
    client.say("1", [(112, "on")])
    assert client.next("0")[112] == "on"


def test_message_late_by_its_window_is_not_ordered(client: SocketClient) -> None:
    at = sending_time(-2)
    client.raw(wire("D", 2, client.comp_id, at, [(25000, 1_000), (11, "late"), *ORDER]))
    assert client.next("8")[25016] == "-1021"


def test_another_sender_on_the_connection_is_logged_out(client: SocketClient) -> None:
    client.say("1", [(112, "who")], sender="OTHER")
    assert client.next("3")[373] == "9"
    assert client.next("5")[35] == "5"


def test_silent_client_is_asked_and_then_dropped(running: Served, key: FixKey) -> None:
    client = SocketClient(running.fix["orders"], key, "SILENT")
    client.socket.settimeout(30)
    client.log_on(heartbeat=5)
    client.next("A")
    begun = time.monotonic()
    assert client.next("0")[35] == "0"
    assert client.next("1")[112]
    assert client.next("5")[58] == "no heartbeat"
    assert 10 < time.monotonic() - begun < 16


def test_oversized_message_and_what_is_no_fix_end_the_connection(running: Served, key: FixKey) -> None:
    for bad in (
        b"8=FIX.4.4\x019=999999999\x01",
        b"8=FIX.4.2\x019=5\x0135=0\x0110=000\x01",
        b"GET / HTTP/1.1\r\n\r\n",
        b"8=FIX.4.4\x019=abc\x01",
    ):
        stranger = SocketClient(running.fix["orders"])
        stranger.raw(bad)
        assert stranger.next() == {}
        member = SocketClient(running.fix["orders"], key, "BIG")
        member.log_on()
        member.next("A")
        member.raw(bad)
        assert member.next("5")[58].startswith("expected a message")
        assert member.next() == {}
        time.sleep(0.05)


def test_wrong_checksum_is_passed_over_and_asked_for(client: SocketClient) -> None:
    good = wire("1", 2, client.comp_id, sending_time(), [(112, "two")])
    client.raw(good[:-4] + b"%03d\x01" % ((int(good[-4:-1]) + 1) % 256))
    client.raw(wire("1", 3, client.comp_id, sending_time(), [(112, "three")]))
    assert client.next("2")[7] == "2"
    client.raw(good)
    assert client.next("0")[112] == "two"


def test_client_that_takes_nothing_is_dropped_and_others_go_on(running: Served, key: FixKey) -> None:
    slow = SocketClient(running.fix["orders"], key, "SLOW")
    slow.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    slow.log_on()
    slow.next("A")
    question, seq = [(112, "x" * 60_000)], 2
    with suppress(OSError):
        slow.socket.settimeout(5)
        for seq in range(2, 1_000):
            slow.raw(wire("1", seq, "SLOW", sending_time(), question))
    assert seq < 999
    other = SocketClient(running.fix["orders"], key, "QUICK")
    other.log_on()
    assert other.next()[35] == "A"


def test_too_many_messages_end_the_session(running: Served, key: FixKey) -> None:
    client = SocketClient(running.fix["orders"], key, "FLOOD")
    client.log_on()
    client.next("A")
    beats = b"".join(wire("0", seq, "FLOOD", sending_time(), []) for seq in range(2, 20_100))
    with suppress(OSError):
        client.raw(beats)
    assert client.next("3")[25016] == "-1003"
    assert "too many messages" in client.next("5")[58]


def test_cancel_on_disconnect_takes_the_session_s_orders_and_no_others(running: Served) -> None:
    """Orders before a reset of the numbers are the session's too; that over REST is another session's."""
    key, rest = FixKey(running.directory, 2), Trader(running, *new_key(running.directory, 2))
    client = SocketClient(running.fix["orders"], key, "DEADMAN")
    client.log_on()
    client.next("A")
    client.say("D", [(11, "before"), *ORDER])
    client.next("8")
    client.close()
    client = logged_on_again(running, key)
    for number in range(3):
        client.say("D", [(11, f"dead-{number}"), *ORDER])
        client.next("8")
    stays = {"symbol": "BTCUSD", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "1", "price": "50"}
    placed = rest.ask("POST", "/api/v3/order", **stays).json()["orderId"]
    assert len(rest.ask("GET", "/api/v3/openOrders").json()) == 5
    client.close()
    give_up = time.monotonic() + 60
    while len(left := rest.ask("GET", "/api/v3/openOrders").json()) > 1 and time.monotonic() < give_up:
        time.sleep(0.05)
    assert [each["orderId"] for each in left] == [placed]
    assert rest.ask("DELETE", "/api/v3/order", symbol="BTCUSD", orderId=placed).json()["status"] == "CANCELED"


def logged_on_again(running: Served, key: FixKey) -> SocketClient:
    """Log on anew with numbers from 1; the connection before may still be about to end."""
    give_up = time.monotonic() + 60
    while True:
        client = SocketClient(running.fix["orders"], key, "DEADMAN")
        client.log_on(extra=[(9001, "Y")])
        if client.next().get(35) == "A":
            return client
        client.close()
        assert time.monotonic() < give_up
        time.sleep(0.1)


HOSTILE = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
TAGS = st.sampled_from([1, 7, 8, 9, 10, 11, 16, 34, 35, 36, 38, 43, 44, 52, 55, 73, 95, 96, 123, 146, 25010, 99999])
VALUES = st.one_of(st.text(max_size=20), st.integers().map(str), st.sampled_from(["", "Y", "0", "-1", "9" * 30]))
KINDS = st.sampled_from([*"0123456789ADEFGHqVxeg", "XCN", "XAK", "XLQ", "", "\x00", "ZZ"])


@HOSTILE
@given(data=st.binary(max_size=300))
def test_bytes_of_strangers_end_their_connection_and_nothing_else(running: Served, data: bytes) -> None:
    stranger = SocketClient(running.fix["orders"])
    with suppress(OSError):
        stranger.raw(b"8=FIX.4.4\x019=" + data if data[:1] > b"\x7f" else data)
        stranger.socket.shutdown(socket.SHUT_WR)
        stranger.socket.settimeout(5)
        while stranger.socket.recv(4_096):
            pass
    stranger.close()


@HOSTILE
@given(kind=KINDS, fields=st.lists(st.tuples(TAGS, VALUES), max_size=8))
def test_any_message_of_a_client_is_answered_or_ends_its_session(
    running: Served, key: FixKey, kind: str, fields: list[tuple[int, object]]
) -> None:
    client = SocketClient(running.fix["orders"], key, f"F{time.monotonic_ns() % 10**7}")
    client.log_on()
    assert client.next()[35] == "A"
    with suppress(OSError):
        client.say(kind, fields)
        client.say("1", [(112, "alive")])
    client.socket.settimeout(10)
    while (found := client.next()) and found[35] not in ("0", "5", "2", "3", "j"):
        pass
    client.close()
