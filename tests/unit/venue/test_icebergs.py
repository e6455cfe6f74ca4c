"""Iceberg orders: a slice is shown, the next one goes to the end of the queue."""

from __future__ import annotations

from tarazy.domain.records import OrderReplenished
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, CAROL, MILLION, Floor, Lots


def test_only_the_slice_shows_and_the_whole_is_held(floor: Floor) -> None:
    placed = floor.sell(ALICE, 10, 100, display_lots=3)
    assert floor.asks == [Lots(placed.order_id, 100, 3)]
    assert floor.balance(ALICE, BTC) == (MILLION - 10, 10)


def test_next_slice_goes_to_the_end_of_the_queue(floor: Floor) -> None:
    iceberg = floor.sell(ALICE, 10, 100, display_lots=3).order_id
    other = floor.sell(BOB, 5, 100).order_id
    bought = floor.buy(CAROL, 4, 100)
    assert bought.fills == [Lots(iceberg, 100, 3), Lots(other, 100, 1)]
    assert floor.asks == [Lots(other, 100, 4), Lots(iceberg, 100, 3)]
    replenished = bought.one(OrderReplenished)
    assert (replenished.order_id, replenished.visible_lots, replenished.leaves_lots) == (iceberg, 3, 7)


def test_partly_filled_slice_keeps_its_place(floor: Floor) -> None:
    iceberg = floor.sell(ALICE, 10, 100, display_lots=3).order_id
    other = floor.sell(BOB, 5, 100).order_id
    floor.buy(CAROL, 2, 100)
    assert floor.asks == [Lots(iceberg, 100, 1), Lots(other, 100, 5)]


def test_large_taker_goes_round_the_queue_slice_by_slice(floor: Floor) -> None:
    iceberg = floor.sell(ALICE, 7, 100, display_lots=3).order_id
    other = floor.sell(BOB, 2, 100).order_id
    fills = floor.buy(CAROL, 9, 100).fills
    assert fills == [Lots(iceberg, 100, 3), Lots(other, 100, 2), Lots(iceberg, 100, 3), Lots(iceberg, 100, 1)]
    assert floor.asks == []


def test_last_slice_is_what_is_left(floor: Floor) -> None:
    iceberg = floor.sell(ALICE, 7, 100, display_lots=3).order_id
    floor.buy(BOB, 6, 100)
    assert floor.asks == [Lots(iceberg, 100, 1)]


def test_two_icebergs_take_turns(floor: Floor) -> None:
    one = floor.sell(ALICE, 4, 100, display_lots=2).order_id
    two = floor.sell(BOB, 4, 100, display_lots=2).order_id
    assert [fill.order_id for fill in floor.buy(CAROL, 8, 100).fills] == [one, two, one, two]


def test_aggressive_iceberg_trades_whole_and_rests_with_a_slice(floor: Floor) -> None:
    ask = floor.sell(ALICE, 6, 100).order_id
    placed = floor.buy(BOB, 10, 100, display_lots=3)
    assert placed.fills == [Lots(ask, 100, 6)]
    assert floor.bids == [Lots(placed.order_id, 100, 3)]


def test_cancel_of_an_iceberg_gives_back_the_hidden_lots_too(floor: Floor) -> None:
    placed = floor.sell(ALICE, 10, 100, display_lots=3)
    floor.buy(BOB, 2, 100)
    floor.cancel(ALICE, placed.order_id)
    assert floor.balance(ALICE, BTC) == (MILLION - 2, 0)


def test_iceberg_of_more_than_a_hundred_slices_is_refused(floor: Floor) -> None:
    assert floor.sell(ALICE, 1_001, 100, display_lots=10).reject_code == RejectCode.display_not_allowed
    assert floor.sell(ALICE, 1_000, 100, display_lots=10).kinds == ["OrderAccepted"]
