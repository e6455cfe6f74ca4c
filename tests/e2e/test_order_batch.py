"""Batches of orders over the network: outcomes, limits, and two lives around a kill in the middle of a batch.

The forms are those of docs/reference/order-batches.md, packed here by hand. That a retry does nothing again is what
FIX asks of a repeated ClOrdID (FIX 4.4, volume 1, "Possible Resend") and what the venue's horizon of client order ids
states.
"""

from __future__ import annotations

import hashlib
import struct
import threading
import time
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from ..trading_stage import Served, make_facility, new_key, remember_client_ids, served
from .test_gateway_attacks import Trader

ORDER, HEAD, OUTCOME = struct.Struct("<BBBBIQQQQQ"), struct.Struct("<QQII"), struct.Struct("<QQQHBBI")
PLACE, CANCEL, LIMIT, GTC, IOC, BUY, SELL = 1, 2, 1, 1, 2, 1, 2
OPEN, FILLED, CANCELED, REFUSED, TAKEN = 1, 2, 3, 4, 5
INSUFFICIENT_BALANCE, CLIENT_ORDER_ID_TAKEN, IMMEDIATE_OR_CANCEL = 176, 180, 3


class Said(NamedTuple):
    """One outcome."""

    order_id: int
    filled_lots: int
    leaves_lots: int
    reject_code: int
    status: int
    cancel_reason: int
    trades: int


def place(number: int, side: int, price: int, lots: int, force: int = GTC) -> bytes:
    """Return a limit order in market 1."""
    return ORDER.pack(PLACE, LIMIT, side, force, 1, number, price, lots, 0, 0)


def send(trader: Trader, body: bytes, *, digest: str | None = None) -> httpx.Response:
    """Send a signed batch."""
    query = trader.signed({"sha256": digest or hashlib.sha256(body).hexdigest(), "recvWindow": 60_000})
    return trader.send("POST", "/v1/orders/batch", query, content=body, timeout=60)


def outcomes(response: httpx.Response) -> tuple[int, list[Said]]:
    """Return the first command's number and the outcomes."""
    assert response.status_code == 200, response.text
    first_seq, _, count, size = HEAD.unpack_from(response.content)
    assert (size, len(response.content)) == (OUTCOME.size, HEAD.size + count * OUTCOME.size)
    return first_seq, [Said(*each) for each in OUTCOME.iter_unpack(response.content[HEAD.size :])]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> object:
    """Serve one facility that remembers client order ids."""
    directory = tmp_path_factory.mktemp("batch") / "facility"
    remember_client_ids(directory, make_facility(directory))
    with served(directory) as running:
        yield running


def test_each_order_of_a_batch_has_the_outcome_of_its_own_command(gateway: Served) -> None:
    maker, taker = (Trader(gateway, *new_key(gateway.directory, account)) for account in (1, 2))
    first, rested = outcomes(send(maker, place(1, SELL, 100, 10) + place(2, SELL, 101, 10)))
    assert [each[:5] for each in rested] == [(first, 0, 10, 0, OPEN), (first + 1, 0, 10, 0, OPEN)]
    body = (
        place(1, BUY, 100, 4)  # filled by the first
        + place(2, BUY, 101, 16)  # fills the first and the second
        + place(3, BUY, 101, 5, IOC)  # nothing is left to buy
        + place(4, BUY, 100, 10**15 + 10**14)  # 11 * 10^16 minor units of 10,000,000 USD, which are 10^15
        + ORDER.pack(CANCEL, 0, 0, 0, 1, 0, 0, 0, 0, 99_999)
    )
    seq, told = outcomes(send(taker, body))
    assert told[0] == (seq, 4, 0, 0, FILLED, 0, 1)
    assert told[1] == (seq + 1, 16, 0, 0, FILLED, 0, 2)
    assert told[2][1:] == (0, 5, 0, CANCELED, IMMEDIATE_OR_CANCEL, 0)
    assert (told[3].status, told[3].order_id) == (REFUSED, 0)
    assert told[4].status == REFUSED
    assert told[4].reject_code
    bought = taker.ask("GET", "/api/v3/order", symbol="BTCUSD", orderId=seq + 1).json()
    assert (bought["status"], bought["executedQty"]) == ("FILLED", "0.00000016")


def test_a_cancel_by_the_clients_number_names_the_order_and_what_was_left(gateway: Served) -> None:
    trader = Trader(gateway, *new_key(gateway.directory, 3))
    cancel = ORDER.pack(CANCEL, 0, 0, 0, 1, 7, 0, 0, 0, 0)
    first, told = outcomes(send(trader, place(7, BUY, 60, 9) + cancel))
    assert told[1][:5] == (first, 0, 9, 0, CANCELED)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "1 to 2,048 orders"),
        (bytes(47), "1 to 2,048 orders"),
        (place(1, BUY, 1, 1) + place(0, BUY, 1, 1), "order 1: expected a client_order_id"),
        (place(1, 3, 1, 1), "order 0: expected side"),
        (ORDER.pack(9, 1, 1, 1, 1, 1, 1, 1, 0, 0), "order 0: expected an action"),
        (ORDER.pack(CANCEL, 0, 0, 0, 1, 1, 0, 0, 0, 1), "order 0: expected one of"),
        (ORDER.pack(CANCEL, 0, 0, 0, 1, 1, 5, 0, 0, 0), "order 0: expected price_ticks 0"),
    ],
)
def test_a_batch_that_is_not_well_formed_is_refused_whole(gateway: Served, body: bytes, says: str) -> None:
    trader = Trader(gateway, *new_key(gateway.directory, 3))
    answer = send(trader, body)
    assert (answer.status_code, answer.json()["code"]) == (400, -1130)
    assert says in answer.json()["msg"]


def test_a_body_that_was_not_signed_and_a_key_that_may_not_trade_order_nothing(gateway: Served) -> None:
    trader = Trader(gateway, *new_key(gateway.directory, 3))
    other = send(trader, place(8, BUY, 60, 1), digest=hashlib.sha256(place(8, BUY, 60, 2)).hexdigest())
    assert (other.status_code, other.json()["code"]) == (400, -1022)
    reader = Trader(gateway, *new_key(gateway.directory, 3, ("read",)))
    assert send(reader, place(8, BUY, 60, 1)).json()["code"] == -2015
    _, told = outcomes(send(trader, place(8, BUY, 60, 1)))
    assert told[0].status == OPEN  # nobody had ordered it before


def test_placed_orders_count_against_the_limit_of_the_account(gateway: Served) -> None:
    """The default: 10,000 orders of an account in ten seconds (facility.gateway.orders_per_ten_seconds)."""
    trader = Trader(gateway, *new_key(gateway.directory, 2))
    body = b"".join(place(10_000 + each, BUY, 50, 1) for each in range(2_048))
    answers = [send(trader, body) for _ in range(6)]
    limited = [each for each in answers if each.status_code == 429]
    counted = [int(each.headers["x-mbx-order-count-10s"]) for each in answers if each.status_code == 200]
    assert limited or max(counted) < 6 * 2_048  # a window ended between
    assert all(each.json()["code"] == -1015 and int(each.headers["retry-after"]) > 0 for each in limited)


def test_without_a_horizon_the_path_is_closed(tmp_path: Path) -> None:
    directory = tmp_path / "facility"
    make_facility(directory)
    with served(directory) as running:
        answer = send(Trader(running, *new_key(directory, 1)), place(1, BUY, 60, 1))
    assert (answer.status_code, answer.json()["code"]) == (400, -1020)


class Batches(threading.Thread):
    """Sends batch after batch of crossing orders until the gateway is gone; keeps bodies and answers."""

    def __init__(self, trader: Trader, side: int) -> None:
        super().__init__()
        self.trader, self.side = trader, side
        self.sent: list[bytes] = []
        self.told: list[list[Said]] = []

    def run(self) -> None:
        """Send."""
        while True:
            first = 1 + 1_000 * len(self.sent)
            body = b"".join(place(first + each, self.side, 100, 1) for each in range(500))
            self.sent.append(body)
            try:
                _, told = outcomes(send(self.trader, body))
            except httpx.HTTPError:
                return
            self.told.append(told)


def balance(trader: Trader, asset: str) -> float:
    """Return what an account owns, in minor units."""
    row = next(each for each in trader.ask("GET", "/api/v3/account").json()["balances"] if each["asset"] == asset)
    return round(float(row["free"]) * 10**8) + round(float(row["locked"]) * 10**8)


def test_a_batch_that_a_kill_cut_off_is_sent_again_and_nothing_happens_twice(tmp_path: Path) -> None:
    directory = tmp_path / "facility"
    remember_client_ids(directory, make_facility(directory))
    keys = [new_key(directory, account) for account in (1, 2)]
    with served(directory) as running:
        senders = [Batches(Trader(running, *key), side) for key, side in zip(keys, (BUY, SELL), strict=True)]
        for sender in senders:
            sender.start()
        deadline_s = time.monotonic() + 60
        while min(len(each.told) for each in senders) < 3 and time.monotonic() < deadline_s:
            time.sleep(0.02)
        running.process.kill()
        for sender in senders:
            sender.join(60)
    with served(directory) as running:
        for sender in senders:
            trader = sender.trader = Trader(running, sender.trader.key, sender.trader.secret)
            again = [outcomes(send(trader, body))[1] for body in sender.sent]
            for told, retold in zip(sender.told, again, strict=False):
                assert all(each.status in (OPEN, FILLED) for each in told)
                assert [(each.status, each.reject_code) for each in retold] == [(TAKEN, CLIENT_ORDER_ID_TAKEN)] * 500
                assert [each.order_id for each in retold] == [each.order_id for each in told]
            assert {each.status for each in again[-1]} <= {OPEN, FILLED, TAKEN}  # it was ordered whole, in part or not
        sent = [500 * len(sender.sent) for sender in senders]
        # One's own reads wait for one's own last number alone: the seller's, the last of all, is waited for first.
        balance(senders[1].trader, "BTC")
        bought = balance(senders[0].trader, "BTC") - 100 * 10**8
        open_lots = [sum(1 for _ in sender.trader.ask("GET", "/api/v3/openOrders").json()) for sender in senders]
        # Every order is of one lot, one minor unit, and each traded or rests: no number was ordered twice. A fee of
        # 0.1 % of one unit is rounded down to nothing.
        assert sent[0] - open_lots[0] == bought == sent[1] - open_lots[1]
