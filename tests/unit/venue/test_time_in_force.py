"""Time in force: immediate or cancel, fill or kill, good till date; and post-only."""

from __future__ import annotations

import pytest

from tarazy.domain.records import CancelReason, OrderCanceled, OrderType, TimeInForce
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, CAROL, MILLION, SECOND_NS, USD, Floor, Lots

IOC, FOK, GTD = TimeInForce.ioc, TimeInForce.fok, TimeInForce.gtd


def test_immediate_or_cancel_fills_what_it_can_and_never_rests(floor: Floor) -> None:
    ask = floor.sell(ALICE, 5, 100).order_id
    placed = floor.buy(BOB, 8, 100, time_in_force=IOC)
    assert placed.fills == [Lots(ask, 100, 5)]
    canceled = placed.one(OrderCanceled)
    assert (canceled.cancel_reason, canceled.leaves_lots, canceled.released_minor) == (3, 3, 300)
    assert floor.bids == []
    assert floor.balance(BOB, USD) == (MILLION - 500, 0)


def test_immediate_or_cancel_that_crosses_nothing_is_canceled_whole(floor: Floor) -> None:
    floor.sell(ALICE, 5, 101)
    canceled = floor.buy(BOB, 8, 100, time_in_force=IOC).one(OrderCanceled)
    assert (canceled.cancel_reason, canceled.leaves_lots) == (CancelReason.immediate_or_cancel, 8)


def test_fill_or_kill_with_too_little_inside_its_limit_trades_nothing(floor: Floor) -> None:
    ask = floor.sell(ALICE, 5, 100).order_id
    floor.sell(ALICE, 5, 102)
    placed = floor.buy(BOB, 6, 101, time_in_force=FOK)
    assert placed.fills == []
    assert placed.one(OrderCanceled).cancel_reason == CancelReason.fill_or_kill
    assert floor.asks[0] == Lots(ask, 100, 5)


def test_fill_or_kill_with_just_enough_over_several_levels_fills(floor: Floor) -> None:
    asks = [floor.sell(ALICE, 5, price).order_id for price in (100, 101)]
    placed = floor.buy(BOB, 10, 101, time_in_force=FOK)
    assert placed.fills == [Lots(asks[0], 100, 5), Lots(asks[1], 101, 5)]
    assert placed.of(OrderCanceled) == []


def test_fill_or_kill_counts_hidden_lots_of_icebergs(floor: Floor) -> None:
    floor.sell(ALICE, 10, 100, display_lots=2)
    assert sum(fill.lots for fill in floor.buy(BOB, 10, 100, time_in_force=FOK).fills) == 10


@pytest.mark.parametrize("mode", [1, 3, 4])
def test_fill_or_kill_that_would_meet_its_own_order_is_killed(floor: Floor, mode: int) -> None:
    floor.sell(ALICE, 5, 100)
    floor.sell(BOB, 5, 100)
    placed = floor.buy(BOB, 10, 100, time_in_force=FOK, self_trade_prevention=mode)
    assert placed.fills == []
    assert placed.one(OrderCanceled).cancel_reason == CancelReason.fill_or_kill


def test_fill_or_kill_before_its_own_order_fills(floor: Floor) -> None:
    ask = floor.sell(ALICE, 5, 100).order_id
    own = floor.sell(BOB, 5, 100).order_id
    assert floor.buy(BOB, 5, 100, time_in_force=FOK).fills == [Lots(ask, 100, 5)]
    assert floor.asks == [Lots(own, 100, 5)]


def test_fill_or_kill_does_not_count_slices_of_an_iceberg_behind_its_own_order(floor: Floor) -> None:
    floor.sell(ALICE, 10, 100, display_lots=2)
    floor.sell(BOB, 5, 100)
    assert floor.buy(BOB, 3, 100, time_in_force=FOK).fills == []
    assert [fill.lots for fill in floor.buy(BOB, 2, 100, time_in_force=FOK).fills] == [2]


def test_fill_or_kill_that_expires_makers_fills_around_its_own_order(floor: Floor) -> None:
    own = floor.sell(BOB, 5, 100).order_id
    ask = floor.sell(ALICE, 5, 100).order_id
    placed = floor.buy(BOB, 5, 100, time_in_force=FOK, self_trade_prevention=2)
    assert placed.fills == [Lots(ask, 100, 5)]
    assert placed.one(OrderCanceled).order_id == own


def test_good_till_date_order_expires_when_time_passes(floor: Floor) -> None:
    placed = floor.buy(ALICE, 5, 100, time_in_force=GTD, expire_ns=floor.now + SECOND_NS)
    assert floor.wait(SECOND_NS - 1) == []
    canceled = floor.wait(1).one(OrderCanceled)
    assert (canceled.order_id, canceled.cancel_reason) == (placed.order_id, CancelReason.expired)
    assert floor.balance(ALICE, USD) == (MILLION, 0)


def test_expiry_happens_before_the_command_that_brings_the_time(floor: Floor) -> None:
    bid = floor.buy(ALICE, 5, 100, time_in_force=GTD, expire_ns=floor.now + 5).order_id
    floor.now += 5
    result = floor.sell(BOB, 5, 100)
    assert result.kinds == ["OrderCanceled", "OrderAccepted"]
    assert result[0].order_id == bid
    assert result.fills == []


def test_expiries_happen_in_order_of_time_then_number(floor: Floor) -> None:
    late = floor.buy(ALICE, 1, 100, time_in_force=GTD, expire_ns=floor.now + 9).order_id
    first = floor.buy(ALICE, 1, 100, time_in_force=GTD, expire_ns=floor.now + 5).order_id
    second = floor.buy(BOB, 1, 100, time_in_force=GTD, expire_ns=floor.now + 5).order_id
    assert [event.order_id for event in floor.wait(100)] == [first, second, late]


def test_filled_order_does_not_expire(floor: Floor) -> None:
    floor.buy(ALICE, 5, 100, time_in_force=GTD, expire_ns=floor.now + 5)
    floor.sell(BOB, 5, 100)
    assert floor.wait(10) == []


def test_untriggered_stop_expires_too(floor: Floor) -> None:
    stop = {"order_type": OrderType.stop_loss_limit, "trigger_price_ticks": 90}
    placed = floor.sell(ALICE, 5, 89, time_in_force=GTD, expire_ns=floor.now + 5, **stop)
    assert floor.wait(5).one(OrderCanceled).order_id == placed.order_id


def test_post_only_order_rests_behind_the_best_price(floor: Floor) -> None:
    floor.sell(ALICE, 5, 100)
    placed = floor.buy(BOB, 5, 99, order_type=OrderType.post_only)
    assert floor.bids == [Lots(placed.order_id, 99, 5)]


@pytest.mark.parametrize("price", [100, 101])
def test_post_only_order_that_would_trade_is_refused(floor: Floor, price: int) -> None:
    floor.sell(ALICE, 5, 100)
    refused = floor.buy(BOB, 5, price, order_type=OrderType.post_only)
    assert refused.reject_code == RejectCode.post_only_would_cross
    assert floor.asks[0].lots == 5


def test_post_only_order_is_refused_even_before_its_own_owner(floor: Floor) -> None:
    floor.sell(CAROL, 5, 100)
    refused = floor.buy(CAROL, 5, 100, order_type=OrderType.post_only)
    assert refused.reject_code == RejectCode.post_only_would_cross
