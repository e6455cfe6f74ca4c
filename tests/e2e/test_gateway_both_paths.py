"""The same bytes to two servers of the same facility, one of which has no short path: both answer the same bytes.

The oracle is the general path. Both servers start from copies of one folder, so keys, balances and book are the same,
and they are sent the same packets in the same order; what is left out of the comparison are numbers of commands and
times. Every packet is in time by a minute or out of it by as much, so no answer hangs on the pace of the machine.
"""

from __future__ import annotations

import hmac
import re
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..trading_stage import Served, make_facility, new_key, served

WAIT_S = 30.0
STEADY = settings(
    max_examples=120, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
OWN = re.compile(rb'"(orderId|transactTime|workingTime|serverTime)":[0-9]+')
TAKEN = re.compile(rb'("reject":"client_order_id_taken".*?"found":")[0-9]+')  # the number of the earlier order
COUNTED = (b"date", b"x-mbx-order-count-10s", b"x-mbx-order-count-1d", b"x-mbx-used-weight-1m", b"content-length")
PLAIN = {"symbol": "BTCUSD", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": "100"}

LONG = "x" * 36
ODD = {
    "symbol": ["btcusd", "BTCUSD ", "BTC%55SD", "NOPE", "", "BTCUSD%00", "\u0412TC"],
    "side": ["SELL", "buy", "BU%59", ""],
    "type": ["MARKET", "LIMIT_MAKER", "limit", "STOP_LOSS", ""],
    "timeInForce": ["IOC", "FOK", "gtc", "GTX"],
    "quantity": ["1", "0", "-1", "1e2", "0.010", "00.01", ".5", "5.", "0.000000001", "9" * 40, "%31", "+1", "1_0", "٣"],
    "price": ["100.00", "51", "149", "0", "1e2", "100.0000001", "0x64", "%2B100", "100,5", "NaN"],
    "newClientOrderId": ["a", LONG, LONG + "x", "a b", "a+b", "a%2Fb", "a/b", "a=b", "%D1%8F", ""],
    "newOrderRespType": ["ACK", "RESULT", "FULL", "ack", ""],
    "recvWindow": ["60000", "60001", "59999.5", "60000.0", "059999", "6e4", "-1", "99999999", ""],
    "timestamp": ["0", "1", "9" * 19, "9" * 20, "-1", "1e12", "%31", ""],
    "quoteOrderQty": ["10"],
    "icebergQty": ["0.005"],
    "stopPrice": ["90"],
    "selfTradePreventionMode": ["NONE", "EXPIRE_MAKER"],
    "strategyId": ["1"],
    "Symbol": ["BTCUSD"],
    "apiKey": ["x"],
    "signature": ["0" * 64],
}
ONE_CHANGE = st.sampled_from(sorted(ODD)).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(ODD[name])))
HEADS = {
    "plain": b"",
    "form": b"Content-Type: application/x-www-form-urlencoded\r\n",
    "json": b"Content-Type: application/json\r\n",
    "two keys": b"X-MBX-APIKEY: nobody\r\n",
    "foreign": b"Origin: https://example.org\r\n",
    "cross": b"Sec-Fetch-Site: cross-site\r\n",
    "closes": b"Connection: close\r\n",
}


class Packet(NamedTuple):
    """How one request is made. `changes` are values in place of plain ones, `twice` names one that stands twice."""

    changes: tuple[tuple[str, str], ...] = ()
    left_out: str = ""
    twice: str = ""
    order: str = "as it is"
    stamp: str = "ms"
    signed: str = "last"
    in_body: str = "nothing"
    head: str = "plain"
    pipelined: bool = False


FAULTS = {
    "left_out": ["price", "timeInForce", "type", "symbol", "quantity", "timestamp", "recvWindow", "newClientOrderId"],
    "twice": ["price", "symbol", "timestamp"],
    "order": ["by name", "backwards"],
    "stamp": ["us", "late", "early"],
    "signed": ["first", "upper", "wrong", "none", "twice", "percent"],
    "in_body": ["all", "half", "chunked"],
    "head": sorted(HEADS),
}
FAULT = st.sampled_from([{}, {}, {}, *({name: value} for name, values in FAULTS.items() for value in values)])
PACKETS = st.builds(
    lambda changes, fault, pipelined: Packet(tuple(changes), pipelined=pipelined, **fault),
    st.lists(ONE_CHANGE, max_size=1),
    FAULT,
    st.booleans(),
)


class Pair(NamedTuple):
    """Two servers of one facility, and a key that both know."""

    short: Served
    general: Served
    key: str
    secret: bytes


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Serve copies of one facility with asks at 100, one of them without the short path."""
    folders = [tmp_path_factory.mktemp(name) for name in ("short", "general")]
    make_facility(folders[0] / "facility", accounts=3)
    (seller, buyer) = (new_key(folders[0] / "facility", number) for number in (1, 2))
    shutil.copytree(folders[0], folders[1], dirs_exist_ok=True)
    with ExitStack() as stack:
        short = stack.enter_context(served(folders[0] / "facility"))
        general = stack.enter_context(served(folders[1] / "facility", program=("tests.long_path_server",)))
        asks, bids = Pair(short, general, seller[0], seller[1].encode()), Pair(short, general, buyer[0], b"")
        for quantity, side, each in (("50", "SELL", asks), ("0.01", "BUY", bids._replace(secret=buyer[1].encode()))):
            query = f"{joined({**PLAIN, 'side': side, 'quantity': quantity})}&timestamp={time.time_ns() // 10**6}"
            found = answers(each, request(each, f"{query}&recvWindow=60000&signature={sign(each, query_of(query))}"), 1)
            assert b" 200 " in found[0]
        yield bids._replace(secret=buyer[1].encode())


def query_of(query: str) -> bytes:
    """Return the signed bytes of a query to which a window is added."""
    return f"{query}&recvWindow=60000".encode()


def joined(values: dict[str, str]) -> str:
    """Return parameters as a query, as they are."""
    return "&".join(f"{name}={value}" for name, value in values.items())


def sign(pair: Pair, payload: bytes) -> str:
    """Return the signature over a payload."""
    return hmac.digest(pair.secret, payload, "sha256").hex()


def request(pair: Pair, query: str, more: bytes = b"Content-Length: 0\r\n", body: bytes = b"") -> bytes:
    """Return the bytes of a request; its name of the host is the same for both servers."""
    head = f"POST /api/v3/order?{query} HTTP/1.1\r\nHost: localhost\r\nX-MBX-APIKEY: {pair.key}\r\n"
    return head.encode() + more + b"\r\n" + body


def answers(pair: Pair, packet: bytes, count: int) -> tuple[bytes, bytes]:
    """Send one packet to both servers; return what each says, without what is its own."""
    found = [spoken(each.url, packet, count) for each in (pair.short, pair.general)]
    return found[0], found[1]


def spoken(url: str, packet: bytes, count: int) -> bytes:
    """Return so many answers of one server, or what comes until it ends the connection."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=WAIT_S) as connection:
        connection.sendall(packet)
        reader, said = connection.makefile("rb"), []
        for _ in range(count):
            lines = []
            while (line := reader.readline()) not in (b"\r\n", b""):
                lines.append(line)
            if not lines:
                break
            heads = [line.partition(b":") for line in lines[1:]]
            size = next((int(value) for name, _, value in heads if name.lower() == b"content-length"), 0)
            names = [name.lower() + (b"" if name.lower() in COUNTED else value) for name, _, value in heads]
            said += [lines[0], *sorted(names), TAKEN.sub(rb"\g<1>0", OWN.sub(rb'"\1":0', reader.read(size)))]
    return b"\n".join(said)


def values_of(packet: Packet, number: int) -> list[tuple[str, str]]:
    """Return the parameters of a packet in their order."""
    now_us = time.time_ns() // 1_000
    stamps = {"ms": now_us // 1_000, "us": now_us, "late": now_us // 1_000 - 600_000, "early": now_us + 600_000_000}
    values = {**PLAIN, "newClientOrderId": f"c{number}-{now_us}", "recvWindow": "60000"}
    values |= {"timestamp": str(stamps[packet.stamp]), **dict(packet.changes)}
    values.pop(packet.left_out, None)
    pairs = sorted(values.items()) if packet.order == "by name" else list(values.items())
    pairs = pairs[::-1] if packet.order == "backwards" else pairs
    return pairs + [(name, value) for name, value in pairs if name == packet.twice]


def bytes_of(pair: Pair, packet: Packet, number: int) -> bytes:
    """Return the bytes of a packet's request."""
    pairs = values_of(packet, number)
    parts = [f"{name}={value}" for name, value in pairs]
    cut = {"all": 0, "chunked": 0, "half": len(parts) // 2}.get(packet.in_body, len(parts))
    query, form = "&".join(parts[:cut]), "&".join(parts[cut:])
    made = sign(pair, query.encode() + form.encode())
    made = {"upper": made.upper(), "wrong": "0" * 64, "percent": made.replace("a", "%61")}.get(packet.signed, made)
    wholly = [query, f"signature={made}"] if query else [f"signature={made}"]
    if packet.signed == "first":
        wholly.reverse()
    wholly = {"none": [query], "twice": [*wholly, f"signature={made}"]}.get(packet.signed, wholly)
    body = form.encode()
    more = HEADS[packet.head] + b"Content-Length: %d\r\n" % len(body)
    if packet.in_body == "chunked" and body:
        more, body = (
            HEADS[packet.head] + b"Transfer-Encoding: chunked\r\n",
            b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body),
        )
    return request(pair, "&".join(wholly), more, body)


@STEADY
@given(PACKETS)
def test_a_server_with_and_one_without_the_short_path_answer_alike(pair: Pair, packet: Packet) -> None:
    sent = bytes_of(pair, packet, 1)
    is_two = packet.pipelined and packet.in_body == "nothing" and packet.head != "closes"
    if is_two:
        sent += bytes_of(pair, packet._replace(changes=()), 2)
    short, general = answers(pair, sent, 2 if is_two else 1)
    assert short == general
    assert b" 500 " not in short
