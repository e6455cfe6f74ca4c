"""ORDER again, shrunk to the smallest example: the engine's fills and books against the simplest book there is."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from tarazy.domain.engine import Engine
from tarazy.domain.records import OrderCanceled

from ..floor import MILLION, Floor, open_floor
from .naive import BUY, FOK, GTC, IOC, SELL, NaiveBook, Resting

ACCOUNTS, PRICES, LOTS = st.integers(1, 3), st.integers(1, 6), st.integers(1, 5)
PLACE = st.tuples(
    st.just("place"),
    ACCOUNTS,
    st.sampled_from((BUY, SELL)),
    PRICES,
    LOTS,
    st.sampled_from((GTC, GTC, GTC, IOC, FOK)),
    st.integers(1, 4),
)
CANCEL = st.tuples(st.just("cancel"), st.integers(0, 20))
AMEND = st.tuples(st.just("amend"), st.integers(0, 20), PRICES, LOTS)
SCRIPTS = st.lists(st.one_of(PLACE, PLACE, PLACE, CANCEL, AMEND), max_size=30)


@settings(max_examples=150, deadline=None, print_blob=True)
@given(script=SCRIPTS)
def test_order_fills_and_books_are_those_of_the_simplest_book(
    engine: type[Engine], script: list[tuple[int, ...]]
) -> None:
    floor, naive = open_floor(engine), NaiveBook()
    for step in script:
        STEPS[str(step[0])](floor, naive, *step[1:])
        for side in (BUY, SELL):
            assert [tuple(lots) for lots in floor.queue(side)] == naive.shown(side)


def place(floor: Floor, naive: NaiveBook, account: int, side: int, price: int, lots: int, tif: int, mode: int) -> None:
    """Place an order in both."""
    number = floor.venue.next_seq
    result = floor.order(side, account, lots, price, time_in_force=tif, self_trade_prevention=mode)
    fills = naive.place(Resting(number, account, side, price, lots, mode), tif)
    assert [tuple(fill) for fill in result.fills] == fills


def cancel(floor: Floor, naive: NaiveBook, index: int) -> None:
    """Cancel an order in both."""
    order = naive.cancel(index)
    if order:
        assert floor.cancel(order.account, order.number).one(OrderCanceled).leaves_lots == order.lots


def amend(floor: Floor, naive: NaiveBook, index: int, price: int, lots: int) -> None:
    """Amend what is left of an order in both: less at its price keeps its place, all else enters anew."""
    if not naive.orders:
        return
    order = naive.orders[index % len(naive.orders)]
    resting = next(o for m in floor.state.markets for o in m.book.resting.values() if o.order_id == order.number)
    filled = resting.quantity_lots - resting.leaves_lots
    if (price, lots) == (order.price, order.lots):
        return
    result = floor.amend(order.account, order.number, filled + lots, price)
    if price == order.price and lots < order.lots:
        order.lots = lots
        return
    naive.orders.remove(order)
    order.price, order.lots = price, lots
    assert [tuple(fill) for fill in result.fills] == naive.place(order, GTC)


STEPS: dict[str, Callable[..., None]] = {"place": place, "cancel": cancel, "amend": amend}
AMOUNTS = st.integers(0, MILLION)


@settings(max_examples=60, deadline=None, print_blob=True)
@given(
    amounts=st.lists(st.tuples(st.integers(1, 4), PRICES, st.integers(1, MILLION)), min_size=1, max_size=8),
    maker_ppm=AMOUNTS,
    taker_ppm=AMOUNTS,
)
def test_conserve_trades_and_fees_lose_no_unit(
    engine: type[Engine], amounts: list[tuple[int, int, int]], maker_ppm: int, taker_ppm: int
) -> None:
    floor = open_floor(engine, maker_fee_ppm=maker_ppm, taker_fee_ppm=taker_ppm)
    for account, price, lots in amounts:
        floor.order(1 + lots % 2, account, lots, price)
    floor.checkpoint()
    ledger = floor.state.ledger
    for asset in (1, 2):
        owned = sum(sum(floor.balance(account, asset)) for account in (1, 2, 3, 4))
        assert owned + ledger.asset(asset).fees_earned.minor == 4 * MILLION
