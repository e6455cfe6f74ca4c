"""Stop and take-profit orders: they wait for the last price, then act; one may set off the next."""

from __future__ import annotations

import pytest

from tarazy.domain.records import (
    CancelReason,
    MarketState,
    OrderAccepted,
    OrderCanceled,
    OrderElected,
    OrderTriggered,
    OrderType,
    TradeExecuted,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, CAROL, DAVE, MILLION, USD, Floor, Lots, Result, open_floor

STOP, STOP_LIMIT = OrderType.stop_loss, OrderType.stop_loss_limit
TAKE, TAKE_LIMIT = OrderType.take_profit, OrderType.take_profit_limit
IOC = {"time_in_force": 2}


def trade_at(floor: Floor, price: int) -> Result:
    """Make the last price: Alice sells one lot to Bob."""
    floor.sell(ALICE, 1, price)
    return floor.buy(BOB, 1, price)


def stop(floor: Floor, order_type: OrderType, side: int, trigger: int, price: int = 0, lots: int = 5) -> Result:
    """Place an untriggered order for Carol."""
    options = {"order_type": order_type, "trigger_price_ticks": trigger}
    return floor.order(side, CAROL, lots, price, **(options if price else {**options, **IOC}))


@pytest.mark.parametrize(
    ("order_type", "side", "trigger", "before", "after"),
    [
        (STOP_LIMIT, 1, 110, 109, 110),
        (STOP_LIMIT, 2, 90, 91, 90),
        (TAKE_LIMIT, 1, 90, 91, 90),
        (TAKE_LIMIT, 2, 110, 109, 110),
    ],
    ids=[
        "buy stop at or above",
        "sell stop at or below",
        "buy take-profit at or below",
        "sell take-profit at or above",
    ],
)
def test_trigger_fires_when_the_last_price_reaches_it(
    floor: Floor, order_type: OrderType, side: int, trigger: int, before: int, after: int
) -> None:
    untriggered = stop(floor, order_type, side, trigger, 100).order_id
    assert trade_at(floor, before).of(OrderTriggered) == []
    triggered = trade_at(floor, after).one(OrderTriggered)
    assert (triggered.order_id, triggered.trigger_price_ticks, triggered.last_price_ticks) == (
        untriggered,
        trigger,
        after,
    )


def test_untriggered_order_is_not_in_the_book(floor: Floor) -> None:
    stop(floor, STOP_LIMIT, 2, 90, 89)
    assert floor.asks == []
    assert floor.balance(CAROL, BTC) == (MILLION - 5, 5)


def test_triggered_limit_order_rests_at_its_price(floor: Floor) -> None:
    untriggered = stop(floor, STOP_LIMIT, 2, 90, 95).order_id
    trade_at(floor, 90)
    assert floor.asks == [Lots(untriggered, 95, 5)]


def test_triggered_market_order_trades_at_once(floor: Floor) -> None:
    untriggered = stop(floor, STOP, 2, 90).order_id
    bid = floor.buy(DAVE, 5, 80).order_id
    result = trade_at(floor, 90)
    assert [fill for fill in result.fills if fill.order_id == bid] == [Lots(bid, 80, 5)]
    assert untriggered not in [order.order_id for order in floor.asks]


def test_triggered_market_order_that_finds_nothing_is_canceled(floor: Floor) -> None:
    stop(floor, STOP, 2, 90)
    canceled = trade_at(floor, 90).one(OrderCanceled)
    assert canceled.cancel_reason == CancelReason.no_liquidity
    assert floor.balance(CAROL, BTC) == (MILLION, 0)


def test_untriggered_market_buy_holds_up_to_the_collar_above_its_trigger(engine: type) -> None:
    floor = open_floor(engine, collar_ppm=100_000)
    placed = stop(floor, STOP, 1, 200)
    assert placed.one(OrderAccepted).held_minor == 5 * 220
    trade_at(floor, 200)
    assert floor.balance(CAROL, USD) == (MILLION, 0)


def test_untriggered_market_buy_pays_the_price_of_the_book_and_gets_the_rest_back(engine: type) -> None:
    floor = open_floor(engine, collar_ppm=100_000)
    stop(floor, STOP, 1, 200)
    ask = floor.sell(DAVE, 5, 210).order_id
    assert Lots(ask, 210, 5) in trade_at(floor, 200).fills
    assert floor.balance(CAROL, USD) == (MILLION - 5 * 210, 0)


def test_triggers_fire_nearest_first_and_earlier_first_at_one_price(floor: Floor) -> None:
    trade_at(floor, 100)
    far = stop(floor, STOP_LIMIT, 2, 80, 70).order_id
    near = stop(floor, STOP_LIMIT, 2, 90, 70).order_id
    later = stop(floor, STOP_LIMIT, 2, 90, 70).order_id
    triggered = trade_at(floor, 75).of(OrderTriggered)
    assert [event.order_id for event in triggered] == [near, later, far]


def test_one_trigger_sets_off_the_next(floor: Floor) -> None:
    trade_at(floor, 100)
    first = stop(floor, STOP, 2, 95).order_id
    second = stop(floor, STOP, 2, 85).order_id
    for price in (90, 84):
        floor.buy(DAVE, 5, price)
    floor.buy(DAVE, 5, 70)
    result = floor.sell(ALICE, 5, 90)
    assert [event.order_id for event in result.of(OrderTriggered)] == [first, second]
    assert [fill.price_ticks for fill in result.fills] == [90, 84, 70]


def test_trigger_that_is_already_reached_is_refused(floor: Floor) -> None:
    trade_at(floor, 100)
    assert stop(floor, STOP_LIMIT, 2, 100, 90).reject_code == RejectCode.trigger_already_reached
    assert stop(floor, STOP_LIMIT, 1, 100, 90).reject_code == RejectCode.trigger_already_reached
    assert stop(floor, TAKE_LIMIT, 2, 100, 90).reject_code == RejectCode.trigger_already_reached
    assert stop(floor, TAKE_LIMIT, 1, 100, 90).reject_code == RejectCode.trigger_already_reached


def test_triggered_limit_outside_the_collar_is_canceled_with_reason_collar(engine: type) -> None:
    floor = open_floor(engine, collar_ppm=100_000)
    trade_at(floor, 100)
    stop(floor, STOP_LIMIT, 2, 95, 89)
    at_the_collar = stop(floor, STOP_LIMIT, 2, 95, 90).order_id
    canceled = trade_at(floor, 95).one(OrderCanceled)
    assert (canceled.cancel_reason, canceled.released_minor) == (CancelReason.collar, 5)
    assert floor.asks == [Lots(at_the_collar, 90, 5)]


@pytest.mark.parametrize(
    ("time_in_force", "reason"), [(2, CancelReason.immediate_or_cancel), (3, CancelReason.fill_or_kill)]
)
def test_triggered_limit_order_keeps_its_time_in_force(floor: Floor, time_in_force: int, reason: int) -> None:
    options = {"order_type": STOP_LIMIT, "trigger_price_ticks": 90, "time_in_force": time_in_force}
    floor.sell(CAROL, 5, 80, **options)
    floor.buy(DAVE, 3, 85)
    result = trade_at(floor, 90)
    assert result.one(OrderCanceled).cancel_reason == reason
    assert (Lots(floor.venue.next_seq - 3, 85, 3) in result.fills) == (time_in_force == 2)


def test_untriggered_order_enters_in_an_auction_and_fires_after_it(floor: Floor) -> None:
    floor.to(MarketState.auction)
    untriggered = stop(floor, STOP_LIMIT, 2, 90, 85).order_id
    floor.sell(ALICE, 1, 90)
    floor.buy(BOB, 1, 90)
    opened = floor.to(MarketState.continuous)
    assert opened.kinds == ["MarketStateChanged", "AuctionUncrossed", "TradeExecuted", "OrderElected", "OrderTriggered"]
    assert opened.one(OrderTriggered).order_id == untriggered


def test_election_of_a_closing_auction_waits_for_the_next_session(floor: Floor) -> None:
    floor.to(MarketState.auction)
    untriggered = stop(floor, STOP_LIMIT, 2, 90, 85).order_id
    floor.sell(ALICE, 1, 90)
    floor.buy(BOB, 1, 90)
    assert floor.to(MarketState.closed).one(OrderElected).order_id == untriggered
    assert floor.asks == []
    floor.to(MarketState.continuous)
    assert floor.asks == [Lots(untriggered, 85, 5)]


def test_every_print_of_a_sweep_elects(floor: Floor) -> None:
    # Last 105, a sell stop at 100, asks at 100 and 106: one buy of 2 at 106 prints 100, then 106. The stop was reached,
    # so it is elected, though the last price is 106 again. CME Globex: activated when the trigger price is traded.
    trade_at(floor, 105)
    untriggered = stop(floor, STOP_LIMIT, 2, 100, 99).order_id
    floor.sell(ALICE, 1, 100)
    floor.sell(ALICE, 1, 106)
    result = floor.buy(BOB, 2, 106)
    elected = result.one(OrderElected)
    assert (elected.order_id, elected.print_price_ticks) == (untriggered, 100)
    assert result.one(OrderTriggered).order_id == untriggered


def test_sweep_upwards_elects_buy_stops_that_it_passes_in_the_order_of_their_triggers(floor: Floor) -> None:
    trade_at(floor, 95)
    high = stop(floor, STOP_LIMIT, 1, 104, 110).order_id
    low = stop(floor, STOP_LIMIT, 1, 101, 110).order_id
    for price in (100, 105):
        floor.sell(ALICE, 1, price)
    result = floor.buy(BOB, 2, 105)
    assert [event.order_id for event in result.of(OrderTriggered)] == [low, high]


def test_stop_elected_by_the_trade_that_halts_the_market_joins_the_auction(engine: type) -> None:
    # Reference 100, corridor 5 %. Alice's sweep prints 96 and would print 90: the market halts. Carol's stop at 96 was
    # elected by the first print and must not be lost: as a market order it enters the call phase and sells there.
    floor = open_floor(engine, corridor_ppm=50_000, collar_ppm=200_000)
    floor.to(MarketState.auction, reference_price_ticks=100)
    floor.to(MarketState.continuous)
    untriggered = stop(floor, STOP, 2, 96).order_id
    floor.buy(BOB, 1, 96)
    floor.buy(BOB, 9, 90)
    result = floor.sell(ALICE, 2, 90)
    assert result.one(OrderTriggered).order_id == untriggered
    assert floor.market_state() == MarketState.auction
    reopened = floor.wait(1_000_000_000)
    assert untriggered in [trade.maker_order_id for trade in reopened.of(TradeExecuted)]


def test_stop_elected_before_a_halt_waits_through_it(floor: Floor) -> None:
    floor.to(MarketState.auction)
    untriggered = stop(floor, STOP, 2, 90).order_id
    floor.sell(ALICE, 1, 90)
    floor.buy(BOB, 1, 90)
    floor.to(MarketState.closed)
    floor.to(MarketState.auction)
    assert [order.order_id for order in floor.asks] == [untriggered]
    floor.to(MarketState.halted)
    assert [order.order_id for order in floor.asks] == [untriggered]
    assert floor.cancel(CAROL, untriggered).kinds == ["OrderCanceled"]


def test_elected_order_that_waits_can_be_canceled_and_survives_a_restart(floor: Floor) -> None:
    floor.to(MarketState.auction)
    untriggered = stop(floor, STOP_LIMIT, 2, 90, 85).order_id
    floor.sell(ALICE, 1, 90)
    floor.buy(BOB, 1, 90)
    floor.to(MarketState.closed)
    floor.venue = floor.engine.restore(floor.venue.snapshot())
    assert floor.cancel(CAROL, untriggered).one(OrderCanceled).released_minor == 5
    assert floor.balance(CAROL, BTC) == (MILLION, 0)


def test_market_orders_enter_a_call_phase_and_what_is_left_of_them_leaves_after_the_auction(floor: Floor) -> None:
    floor.to(MarketState.auction, reference_price_ticks=100)
    order = floor.buy(BOB, 8, time_in_force=1)
    floor.sell(ALICE, 5, 102)
    opened = floor.to(MarketState.continuous)
    assert opened.one(TradeExecuted).quantity_lots == 5
    left = opened.one(OrderCanceled)
    assert (left.order_id, left.leaves_lots, left.cancel_reason) == (order.order_id, 3, CancelReason.no_liquidity)
    assert floor.balance(BOB, USD)[1] == 0
