"""Whatever a stranger or a client sends, the gateway answers with an error of its form: no 5xx, no hang, no trace."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..trading_stage import Served, make_facility, new_key, served
from .test_gateway_attacks import ORDER, Trader

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "native" / "openapi.json"
DOCUMENT = schemathesis.openapi.from_dict(json.loads(SCHEMA.read_text()))
OPERATIONS = [result.ok() for result in DOCUMENT.get_all_operations()]
ANSWER_S = 15.0
FINE = {200, 204, 400, 401, 404, 405, 409, 413, 429}
QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}
NO_TRACE = ("Traceback", 'File "', "site-packages", "sqlite3", "psycopg")

# Endpoints of the dialect that are signed, with the names that they know; values are right, wrong and odd.
SIGNED = [
    ("POST", "/api/v3/order"),
    ("POST", "/api/v3/order/test"),
    ("GET", "/api/v3/order"),
    ("DELETE", "/api/v3/order"),
    ("POST", "/api/v3/order/cancelReplace"),
    ("PUT", "/api/v3/order/amend/keepPriority"),
    ("GET", "/api/v3/openOrders"),
    ("DELETE", "/api/v3/openOrders"),
    ("GET", "/api/v3/allOrders"),
    ("POST", "/api/v3/orderList/oco"),
    ("POST", "/api/v3/orderList/oto"),
    ("POST", "/api/v3/orderList/otoco"),
    ("GET", "/api/v3/orderList"),
    ("DELETE", "/api/v3/orderList"),
    ("GET", "/api/v3/allOrderList"),
    ("GET", "/api/v3/account"),
    ("GET", "/api/v3/myTrades"),
    ("GET", "/api/v3/rateLimit/order"),
    ("POST", "/sapi/v1/capital/withdraw/apply"),
    ("GET", "/sapi/v1/capital/withdraw/history"),
]
PUBLIC = (
    "depth trades historicalTrades aggTrades klines avgPrice ticker/24hr ticker/price ticker/bookTicker exchangeInfo"
)
ODD = [
    *("0", "-1", "1e9", "NaN", "9" * 40, "18446744073709551616", "0.000000000000000001"),
    *("%", "\x00", "ы", "🙂", "' OR 1=1"),
]
NUMBERS = ["1", "100", "0.5", "99.99", "1000000"]
VALUES: dict[str, list[str]] = {
    "symbol": ["BTCUSD", "ETHUSD", ""],
    "symbols": ['["BTCUSD"]', "[", '["BTCUSD","BTCUSD"]'],
    "side": ["BUY", "SELL", "HOLD"],
    "type": ["LIMIT", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT", "LIMIT_MAKER", "TAKE_PROFIT"],
    "timeInForce": ["GTC", "IOC", "FOK", "DAY"],
    "cancelReplaceMode": ["STOP_ON_FAILURE", "ALLOW_FAILURE"],
    "cancelRestrictions": ["ONLY_NEW"],
    "newOrderRespType": ["ACK", "RESULT", "FULL"],
    "selfTradePreventionMode": ["EXPIRE_MAKER", "NONE"],
    "newClientOrderId": ["a", "x" * 36, "x y"],
    "interval": ["1m", "1M", "7m"],
    "aboveType": ["LIMIT_MAKER", "STOP_LOSS"],
    "belowType": ["STOP_LOSS", "LIMIT_MAKER"],
    "workingType": ["LIMIT"],
    "workingSide": ["BUY"],
    "workingTimeInForce": ["GTC"],
    "pendingType": ["LIMIT", "MARKET"],
    "pendingSide": ["SELL"],
    "coin": ["BTC"],
    "address": ["bc1q"],
    "recvWindow": ["5000", "60001", "1.5"],
} | dict.fromkeys(
    "quantity price quoteOrderQty stopPrice trailingDelta icebergQty limit orderId cancelOrderId fromId startTime "
    "endTime newQty amount abovePrice belowPrice belowStopPrice workingPrice workingQuantity pendingQuantity "
    "pendingPrice orderListId withdrawOrderId".split(),
    NUMBERS,
)
PARAMETERS = st.dictionaries(st.sampled_from(sorted(VALUES)), st.integers(0, 99), max_size=9).map(
    lambda chosen: {name: pick(name, at) for name, at in chosen.items()}
)


def pick(name: str, at: int) -> str:
    """Return one of a parameter's values; one in ten is odd."""
    return ODD[at % len(ODD)] if at % 10 == 0 else VALUES[name][at % len(VALUES[name])]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve one facility without a limit that a test could reach."""
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "tarazy.toml").write_text("[facility.gateway]\nweight_per_minute = 100000000\n")
    make_facility(folder / "facility")
    with served(folder / "facility", "--config", str(folder / "tarazy.toml")) as running:
        yield running


@pytest.fixture(scope="module")
def client(gateway: Served) -> Trader:
    """Return a client that may do everything an account may."""
    return Trader(gateway, *new_key(gateway.directory, 1, ("read", "trade", "withdraw")))


@pytest.fixture(scope="module")
def pool() -> Iterator[httpx.Client]:
    """Return connections that stay open."""
    with httpx.Client(timeout=ANSWER_S) as found:
        yield found


def check(response: httpx.Response) -> None:
    """Refuse an answer that is a failure of ours, or tells of our inside."""
    assert response.status_code in FINE, (response.request.method, response.request.url, response.text[:300])
    assert not any(word in response.text for word in NO_TRACE), response.text[:300]
    if response.status_code >= 400 and response.request.method != "HEAD":
        assert {"code", "msg"} <= response.json().keys()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: f"{each.method.upper()} {each.path}")
def test_native_operation_answers_whatever_its_document_allows(
    gateway: Served, client: Trader, pool: httpx.Client, operation: Any
) -> None:
    is_signed = "security" in operation.definition.raw

    @settings(max_examples=12, **QUIET)
    @given(operation.as_strategy())
    def ask(case: Any) -> None:
        query = {name: value for name, value in (case.query or {}).items() if name not in ("signature", "timestamp")}
        text = client.signed(query) if is_signed else urlencode(query)
        body = case.body if operation.path == "/v1/instructions" else None
        content = json.dumps(body).encode() if isinstance(body, dict | list | str) else b""
        response = pool.request(
            operation.method,
            f"{gateway.url}{operation.path}?{text}",
            content=content,
            headers={"X-MBX-APIKEY": client.key},
        )
        check(response)
        said = operation.definition.raw["responses"]["200"]["content"]
        if response.status_code == 200 and response.headers["content-type"] == "application/json":
            jsonschema.validate(response.json(), said["application/json"]["schema"])

    ask()


@settings(max_examples=150, **QUIET)
@given(st.sampled_from(SIGNED), PARAMETERS, st.booleans())
def test_signed_request_of_the_dialect_is_answered_or_refused_in_its_form(
    gateway: Served,
    client: Trader,
    pool: httpx.Client,
    where: tuple[str, str],
    parameters: dict[str, str],
    in_body: bool,
) -> None:
    method, path = where
    base = {**ORDER, **parameters} if path.startswith("/api/v3/order") and len(parameters) % 2 else parameters
    text = client.signed(base)
    headers = {"X-MBX-APIKEY": client.key}
    if in_body and method != "GET":
        check(pool.request(method, gateway.url + path, content=text.encode(), headers=headers))
    else:
        check(pool.request(method, f"{gateway.url}{path}?{text}", headers=headers))


@settings(max_examples=80, **QUIET)
@given(st.sampled_from(PUBLIC), PARAMETERS)
def test_public_question_is_answered_or_refused_in_its_form(
    gateway: Served, pool: httpx.Client, path: str, parameters: dict[str, str]
) -> None:
    check(pool.get(f"{gateway.url}/api/v3/{path}", params={"symbol": "BTCUSD", **parameters}))


@settings(max_examples=60, **QUIET)
@given(
    st.binary(max_size=200), st.sampled_from(["/api/v3/order", "/v1/withdrawals", "/api/v3/depth", "/v1/instructions"])
)
def test_bytes_that_are_no_form_are_refused(gateway: Served, pool: httpx.Client, body: bytes, path: str) -> None:
    check(pool.request("POST", gateway.url + path, content=body, headers={"X-MBX-APIKEY": "A" * 64}))


def raw(gateway: Served, request: bytes, wait_s: float = ANSWER_S) -> bytes:
    """Send bytes on a connection of their own; return what is answered until it is closed or the time is over."""
    where = urlsplit(gateway.url)
    found = b""
    with socket.create_connection((where.hostname, where.port), timeout=wait_s) as connection:
        connection.sendall(request)
        try:
            while part := connection.recv(65_536):
                found += part
        except (TimeoutError, ConnectionResetError):
            pass
    return found


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /api/v3/time?%zz=%ff&\x01 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"GET /api/v3/depth?symbol=%00%ff HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"GET /api/v3/time HTTP/1.1\r\nHost: localhost\r\nX-MBX-APIKEY: \xff\xfe\r\nConnection: close\r\n\r\n",
        b"NONSENSE\r\n\r\n",
    ],
)
def test_bytes_that_are_hardly_http_end_with_a_refusal(gateway: Served, request_bytes: bytes) -> None:
    answer = raw(gateway, request_bytes, 5.0)
    assert not answer.startswith(b"HTTP/1.1 5"), answer[:200]
    assert b"Traceback" not in answer


def test_headers_without_end_are_cut_off(gateway: Served) -> None:
    head = b"GET /api/v3/time HTTP/1.1\r\nHost: localhost\r\n" + b"X-Long: " + b"a" * 200_000
    answer = raw(gateway, head, 10.0)
    assert answer == b"" or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4"))
    assert httpx.get(f"{gateway.url}/api/v3/ping").json() == {}


def test_clients_that_send_a_byte_now_and_then_hold_nobody_up(gateway: Served) -> None:
    """Slow loris: 200 connections whose headers never end; others are served meanwhile, the slow ones are closed."""
    where = urlsplit(gateway.url)
    slow = [socket.create_connection((where.hostname, where.port), timeout=5) for _ in range(200)]
    try:
        for connection in slow:
            connection.sendall(b"GET /api/v3/time HTTP/1.1\r\nHost: localhost\r\nX-")
        started = time.monotonic()
        assert httpx.get(f"{gateway.url}/api/v3/ping", timeout=5).json() == {}
        assert time.monotonic() - started < 5
        slow[0].settimeout(60)
        answer = slow[0].recv(100)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    finally:
        for connection in slow:
            connection.close()
