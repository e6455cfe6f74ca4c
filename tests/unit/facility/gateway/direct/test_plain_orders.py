"""What the short path reads and answers is what the general path does, for every request that it takes.

The oracle is the general path: `Parameters`, `order_request`, `OrderView` and the encoder.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tarazy.domain.records import OrderAccepted, OrderCanceled, PlaceOrder, TradeExecuted
from tarazy.facility.gateway.direct.answers import PlainOutcome, needs_numbers, outcome_of, placed_text
from tarazy.facility.gateway.direct.reading import PlainOrder, PlainOrders, deadline_us, query_values
from tarazy.facility.gateway.order_entry import Ordered
from tarazy.facility.gateway.routes.orders import view_of
from tarazy.facility.gateway.session_numbers import in_session
from tarazy.facility.projections.venue import APPROVAL
from tarazy.oversight.requests.errors import DialectError
from tarazy.oversight.requests.names import ResponseType
from tarazy.oversight.requests.order_requests import OrderParty, OrderRequest, order_request
from tarazy.oversight.requests.parameters import Parameters
from tarazy.oversight.requests.symbol import Symbol
from tarazy.oversight.requests.timing import AHEAD_MAX_US, read_stamp_us, read_window_us
from tarazy.platform.web.encoding import encode

SYMBOL = Symbol(1, "BTCUSD", 1, 2, "BTC", "USD", 8, 8, 1_000_000, 10_000, 10**6, 8)
ACCOUNT, APPROVED, SESSION, SPARE = 7, 41, 16_390, "t-spare"
STEADY = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
FIRST_US = 1_764_499_980_000_000
NOW_US = 1_764_500_000_000_000


class OneSymbol:
    """A venue of one symbol, as `Symbols` answers."""

    def find(self, name: str) -> Symbol:
        """Return it by its name. Raises: DialectError."""
        if name != SYMBOL.name:
            raise DialectError(-1121, "Invalid symbol.")
        return SYMBOL


ROW = [0] * (APPROVAL + 1)
ROW[APPROVAL] = APPROVED
VENUE = SimpleNamespace(accounts=SimpleNamespace(rows={ACCOUNT: tuple(ROW)}))
ORDERS = PlainOrders(VENUE, OneSymbol())  # type: ignore[arg-type]
NUMBERS = st.sampled_from(["0.01", "1", "100", "100.5", "0", "0.001", "1e3", "-1", "٣", "99999999999999999999999"])
VALUES = {
    "symbol": st.sampled_from(["BTCUSD", "ETHUSD"]),
    "side": st.sampled_from(["BUY", "SELL", "buy"]),
    "type": st.sampled_from(["LIMIT", "MARKET", "LIMIT_MAKER", "STOP_LOSS", "limit"]),
    "timeInForce": st.sampled_from(["GTC", "IOC", "FOK", "GTX"]),
    "quantity": NUMBERS,
    "price": NUMBERS,
    "newClientOrderId": st.sampled_from(["bot-1", "x:/.", "a b", "x" * 36, "x" * 37, 'a"b']),
    "newOrderRespType": st.sampled_from(["ACK", "RESULT", "FULL", "ALL"]),
}
SENT = st.fixed_dictionaries({}, optional=VALUES)
PLAIN = st.fixed_dictionaries(
    {name: VALUES[name] for name in ("symbol", "side", "type", "quantity")},
    optional={name: VALUES[name] for name in ("timeInForce", "price", "newClientOrderId", "newOrderRespType")},
)


def generally(values: dict[str, str]) -> OrderRequest | None:
    """Return what the general path makes of parameters, None where it refuses them."""
    parameters = Parameters(values)
    try:
        symbol = OneSymbol().find(parameters.required("symbol"))
        found = order_request(parameters, symbol, OrderParty(ACCOUNT, APPROVED), SPARE)
        parameters.finish()
    except DialectError:
        return None
    return found


def compare(values: dict[str, str]) -> bool:
    """Hold the short path against the general one; return whether it took the order."""
    read, expected = ORDERS.read(values, ACCOUNT, SESSION, SPARE), generally(values)
    if read is None:
        return False
    assert expected is not None, "an order that the general path refuses"
    assert read.command == in_session(expected.command, SESSION).pack()
    assert (read.client_id, read.client_id, read.response) == (
        expected.client_id,
        expected.reference,
        expected.response,
    )
    return True


@STEADY
@given(SENT | PLAIN)
def test_what_the_short_path_reads_is_what_the_general_path_orders(values: dict[str, str]) -> None:
    compare(values)


@pytest.mark.parametrize("response", ["ACK", "RESULT", "FULL", None])
@pytest.mark.parametrize("client_id", ["bot-1", None])
@pytest.mark.parametrize(
    "terms",
    [
        {"type": "LIMIT", "timeInForce": "GTC", "price": "100.5"},
        {"type": "LIMIT", "timeInForce": "IOC", "price": "100"},
        {"type": "LIMIT", "timeInForce": "FOK", "price": "1"},
        {"type": "MARKET"},
        {"type": "LIMIT_MAKER", "price": "100"},
    ],
)
def test_plain_orders_take_the_short_path(terms: dict[str, str], client_id: str | None, response: str | None) -> None:
    values = {"symbol": "BTCUSD", "side": "SELL", "quantity": "0.01", **terms}
    values |= {"newClientOrderId": client_id} if client_id else {}
    values |= {"newOrderRespType": response} if response else {}
    assert compare(values)


QUERIES = st.text(st.sampled_from("ab=&%+12é"), max_size=14)


@STEADY
@given(QUERIES)
def test_a_query_is_read_as_its_parameters_or_not_at_all(query: str) -> None:
    values = query_values(query)
    if values is not None:
        assert values == Parameters.of(query.encode(), b"")._values


@STEADY
@given(
    st.sampled_from(["", "0", "1764500000000", "1764500000000000", "1764500000999", "1764500001000", "1764499940000"])
    | st.integers(NOW_US // 1_000 - 61_000, NOW_US // 1_000 + 1_001).map(str),
    st.sampled_from([None, "0", "5000", "60000", "60001", "5000.5", "x", "1234567"]),
)
def test_the_time_of_a_request_is_read_as_everywhere(stamp: str, window: str | None) -> None:
    values = {"timestamp": stamp} | ({"recvWindow": window} if window is not None else {})
    found = deadline_us(values, NOW_US, FIRST_US)
    try:
        stamp_us, window_us = read_stamp_us(Parameters(values)), read_window_us(Parameters(values))
        in_time = FIRST_US <= stamp_us < NOW_US + AHEAD_MAX_US and stamp_us + window_us >= NOW_US
        expected = stamp_us + window_us if in_time else None
    except DialectError:
        expected = None
    assert found == expected or (found is None and window == "5000.5")  # decimals take the general path


SEQ, TS_NS = 900, 1_764_500_000_123_456_789
LOTS = st.integers(1, 10**6)


@STEADY
@given(
    side=st.sampled_from([1, 2]),
    kind=st.sampled_from([1, 2, 3]),
    lots=LOTS,
    traded=st.lists(st.tuples(LOTS, LOTS, st.booleans()), max_size=3),
    response=st.sampled_from(list(ResponseType)),
)
def test_an_answer_is_the_same_bytes_by_both_paths(
    side: int, kind: int, lots: int, traded: list[tuple[int, int, bool]], response: ResponseType
) -> None:
    quantity = max(lots, sum(each[0] for each in traded))
    command = PlaceOrder(kind, side, 1, 2, SESSION, 0, 1, ACCOUNT, 5, 100, quantity)
    events: list[Any] = [OrderAccepted(kind, side, 1, 2, SESSION, SEQ, 1, ACCOUNT, SEQ, 5, 100, quantity)]
    for index, (part, price, is_taker) in enumerate(traded):
        sides = (
            {"taker_order_id": SEQ, "maker_order_id": 12} if is_taker else {"taker_order_id": 12, "maker_order_id": SEQ}
        )
        fees = {"taker_fee_minor": 17, "maker_fee_minor": 5}
        terms = {"price_ticks": price, "quantity_lots": part, "trade_index": index}
        events.append(TradeExecuted(seq=SEQ, market_id=1, **terms, **sides, **fees))
    events.append(TradeExecuted(seq=SEQ, market_id=1, quantity_lots=9, taker_order_id=3, maker_order_id=4))
    ordered = Ordered(SEQ, b"".join(event.pack() for event in events), TS_NS)
    plain = PlainOrder(SYMBOL, command.pack(), "bot-1", response)
    outcome = outcome_of(ordered)
    assert outcome is not None
    numbers = {(SEQ, index): 70 + index for index in range(len(traded))}
    assert needs_numbers(plain, outcome) == (response is ResponseType.FULL and bool(traded))
    request = OrderRequest(SYMBOL, OrderParty(ACCOUNT), command, "bot-1", "bot-1", response)
    assert placed_text(plain, ordered, outcome, numbers).encode() == encode(expected_plain(request, ordered, numbers))


def expected_plain(request: OrderRequest, ordered: Ordered, numbers: dict[tuple[int, int], int]) -> Any:
    """Return the general path's answer, as `placed_plain` makes it."""
    view = view_of(request, ordered)
    if request.response is ResponseType.ACK:
        return {**view.names(), "transactTime": ordered.ts_ns // 1_000_000}
    if request.response is ResponseType.FULL:
        view.number_fills(numbers)
    return view.placed(full=request.response is ResponseType.FULL)


def test_an_order_that_left_in_its_own_command_is_answered_generally() -> None:
    accepted = OrderAccepted(1, 1, 2, 2, SESSION, SEQ, 1, ACCOUNT, SEQ, 5, 100, 10)
    canceled = OrderCanceled(seq=SEQ, order_id=SEQ)
    assert outcome_of(Ordered(SEQ, accepted.pack() + canceled.pack(), TS_NS)) is None
    assert outcome_of(Ordered(SEQ, accepted.pack(), TS_NS)) == PlainOutcome(accepted, [])
