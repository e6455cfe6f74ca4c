"""Defects that public gates for matching engines find most often, where no other file here has the case already.

Elsewhere: first in first out after a cancel of head and middle, phantom best price (test_cancel); a trade at the price
of the taker, a maker that loses its place, a walk past the limit (test_limit_orders); a crossing amendment that rests
crossed, a sibling lost by an amendment, an amendment of a filled order (test_amend); an IOC whose leaves quantity rests
(test_time_in_force).
"""

from __future__ import annotations

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.records import CancelOrder, PlaceOrder, TradeExecuted

from ...floor import ALICE, BOB, CAROL, MILLION, Floor, Lots, decode_events, open_floor


def limit(side: int, account: int, price: int, lots: int = 1) -> PlaceOrder:
    """Return a limit order of the first market."""
    return PlaceOrder(1, side, 1, 1, 0, 1 << 60, 1, account, 0, price, lots)


def test_sweep_of_five_thousand_fills_in_one_command(floor: Floor) -> None:
    first = floor.venue.next_seq
    floor.venue.apply(b"".join(limit(2, ALICE, 10 + index % 50).pack() for index in range(5_000)))
    floor.now = 1 << 60
    swept = floor.buy(BOB, 5_000, 100)
    assert len(swept.of(TradeExecuted)) == 5_000
    assert [trade.trade_index for trade in swept.of(TradeExecuted)] == list(range(5_000))
    expected = sorted(range(5_000), key=lambda index: (10 + index % 50, index))
    assert [fill.order_id - first for fill in swept.fills] == expected
    assert floor.asks == floor.bids == []


def test_long_level_keeps_its_order_while_half_of_it_is_canceled(floor: Floor) -> None:
    first = floor.venue.next_seq
    floor.venue.apply(b"".join(limit(2, ALICE, 100).pack() for _ in range(2_000)))
    gone = [first + index for index in range(2_000) if index * 7919 % 2_000 < 1_000]
    floor.venue.apply(b"".join(CancelOrder(1 << 60, 1, ALICE, number).pack() for number in sorted(gone, key=hash)))
    left = [number for number in range(first, first + 2_000) if number not in set(gone)]
    assert [order.order_id for order in floor.asks] == left


@pytest.mark.parametrize("price", [1, (1 << 63) - 1, (1 << 64) - 1])
def test_widest_prices_rest_and_trade(engine: type[Engine], price: int) -> None:
    floor = open_floor(engine)
    for account in (ALICE, BOB):
        floor.deposit(account, 2, 1 << 100)
    ask = floor.sell(ALICE, 3, price).order_id
    assert floor.buy(BOB, 3, price).fills == [Lots(ask, price, 3)]


def test_number_of_a_gone_order_is_never_given_again(floor: Floor) -> None:
    numbers = []
    for _ in range(3):
        numbers.append(floor.sell(ALICE, 1, 100).order_id)
        floor.cancel(ALICE, numbers[-1])
        numbers.append(floor.sell(ALICE, 1, 100).order_id)
        floor.buy(BOB, 1, 100)
    assert len(set(numbers)) == len(numbers)
    assert numbers == sorted(numbers)


def test_best_price_is_right_after_the_best_level_is_filled_and_set_anew(floor: Floor) -> None:
    floor.sell(ALICE, 1, 100)
    floor.sell(ALICE, 1, 105)
    floor.buy(BOB, 1, 100)
    assert floor.buy(CAROL, 1, 104).fills == []
    ask = floor.sell(ALICE, 1, 103).order_id
    assert floor.asks == [Lots(floor.asks[0].order_id, 105, 1)]
    assert ask not in [order.order_id for order in floor.asks]


def test_events_of_one_batch_of_a_thousand_are_those_of_a_thousand_batches(engine: type[Engine]) -> None:
    commands = [limit(1 + index % 2, (ALICE, BOB, CAROL)[index % 3], 95 + index * 31 % 11) for index in range(1_000)]
    one, many = open_floor(engine), open_floor(engine)
    together = one.venue.apply(b"".join(command.pack() for command in commands))
    apart = b"".join(many.venue.apply(command.pack()) for command in commands)
    assert together == apart
    assert len(decode_events(together).of(TradeExecuted)) > 100
    assert one.venue.snapshot() == many.venue.snapshot()


def test_owner_with_everything_can_empty_both_sides(floor: Floor) -> None:
    for price in range(90, 95):
        floor.buy(ALICE, 1, price)
    for price in range(100, 105):
        floor.sell(ALICE, 1, price)
    rich = floor.account(btc=MILLION, usd=MILLION)
    assert len(floor.buy(rich, 5).fills) == 5
    assert len(floor.sell(rich, 5).fills) == 5
    assert floor.asks == floor.bids == []
