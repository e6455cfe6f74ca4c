"""Market orders: by lots or by cash order quantity, what they hold, and why their leaves quantity is canceled."""

from __future__ import annotations

import pytest

from tarazy.domain.records import CancelReason, OrderAccepted, OrderCanceled, TimeInForce
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, CAROL, MILLION, USD, Floor, Lots, open_floor


def test_market_buy_takes_the_best_asks(floor: Floor) -> None:
    dear = floor.sell(ALICE, 5, 101).order_id
    cheap = floor.sell(ALICE, 5, 100).order_id
    assert floor.buy(BOB, 7).fills == [Lots(cheap, 100, 5), Lots(dear, 101, 2)]
    assert floor.balance(BOB, USD) == (MILLION - 702, 0)


def test_market_sell_takes_the_best_bids(floor: Floor) -> None:
    low = floor.buy(ALICE, 5, 99).order_id
    high = floor.buy(ALICE, 5, 100).order_id
    assert floor.sell(BOB, 7).fills == [Lots(high, 100, 5), Lots(low, 99, 2)]
    assert floor.balance(BOB, BTC) == (MILLION - 7, 0)


def test_market_order_in_an_empty_book_is_canceled_with_no_liquidity(floor: Floor) -> None:
    canceled = floor.buy(ALICE, 5).one(OrderCanceled)
    assert (canceled.cancel_reason, canceled.leaves_lots) == (CancelReason.no_liquidity, 5)
    assert floor.balance(ALICE, USD) == (MILLION, 0)


def test_rest_of_a_market_order_never_rests(floor: Floor) -> None:
    floor.sell(ALICE, 5, 100)
    canceled = floor.buy(BOB, 8).one(OrderCanceled)
    assert (canceled.cancel_reason, canceled.leaves_lots) == (CancelReason.no_liquidity, 3)
    assert floor.bids == []


def test_market_order_stops_at_the_collar_with_reason_collar(engine: type) -> None:
    floor = open_floor(engine, collar_ppm=50_000)
    floor.sell(ALICE, 1, 100)
    floor.buy(BOB, 1, 100)
    floor.sell(ALICE, 5, 106)
    canceled = floor.buy(BOB, 5).one(OrderCanceled)
    assert (canceled.cancel_reason, canceled.leaves_lots) == (CancelReason.collar, 5)


def test_market_buy_by_lots_holds_their_cost_at_the_collar(engine: type) -> None:
    floor = open_floor(engine, collar_ppm=50_000)
    floor.sell(ALICE, 9, 100)
    floor.buy(BOB, 1, 100)
    assert floor.buy(BOB, 5).one(OrderAccepted).held_minor == 5 * 105


def test_market_buy_by_lots_holds_at_most_all_that_is_available(floor: Floor) -> None:
    floor.sell(ALICE, 100, 10)
    poor = floor.account(usd=25)
    placed = floor.buy(poor, 5)
    assert placed.one(OrderAccepted).held_minor == 25
    assert [fill.lots for fill in placed.fills] == [2]
    canceled = placed.one(OrderCanceled)
    assert (canceled.cancel_reason, canceled.leaves_lots) == (CancelReason.insufficient_balance, 3)
    assert (canceled.released_minor, floor.balance(poor, USD)) == (5, (5, 0))


def test_market_buy_without_any_balance_is_refused(floor: Floor) -> None:
    floor.sell(ALICE, 5, 100)
    assert floor.buy(floor.account(), 5).reject_code == RejectCode.insufficient_balance


def test_market_sell_above_holding_is_refused(floor: Floor) -> None:
    floor.buy(ALICE, 5, 100)
    assert floor.sell(floor.account(btc=4), 5).reject_code == RejectCode.insufficient_balance


def test_market_cash_buy_spends_no_more_than_the_amount(floor: Floor) -> None:
    ask = floor.sell(ALICE, 100, 30).order_id
    placed = floor.buy(BOB, 0, cash_order_quantity_minor=100)
    assert placed.one(OrderAccepted).held_minor == 100
    assert placed.fills == [Lots(ask, 30, 3)]
    canceled = placed.one(OrderCanceled)
    assert (canceled.cancel_reason, canceled.released_minor) == (CancelReason.amount_spent, 10)
    assert floor.balance(BOB, USD) == (MILLION - 90, 0)


def test_market_cash_buy_goes_on_to_dearer_levels(floor: Floor) -> None:
    cheap = floor.sell(ALICE, 2, 30).order_id
    dear = floor.sell(ALICE, 9, 40).order_id
    assert floor.buy(BOB, 0, cash_order_quantity_minor=150).fills == [Lots(cheap, 30, 2), Lots(dear, 40, 2)]


def test_market_cash_buy_that_empties_the_book_ends_with_no_liquidity(floor: Floor) -> None:
    floor.sell(ALICE, 2, 30)
    canceled = floor.buy(BOB, 0, cash_order_quantity_minor=100).one(OrderCanceled)
    assert (canceled.cancel_reason, canceled.released_minor) == (CancelReason.no_liquidity, 40)


def test_market_cash_sell_sells_until_the_amount_is_reached(floor: Floor) -> None:
    bid = floor.buy(ALICE, 100, 30).order_id
    placed = floor.sell(BOB, 0, cash_order_quantity_minor=100)
    assert placed.fills == [Lots(bid, 30, 3)]
    assert floor.balance(BOB, BTC) == (MILLION - 3, 0)
    assert placed.one(OrderCanceled).cancel_reason == CancelReason.amount_received


def test_market_cash_sell_that_sells_all_there_is_says_sold_out(floor: Floor) -> None:
    floor.buy(ALICE, 100, 30)
    small = floor.account(btc=2)
    placed = floor.sell(small, 0, cash_order_quantity_minor=1_000)
    assert placed.one(OrderCanceled).cancel_reason == CancelReason.sold_out


@pytest.mark.parametrize("side", [1, 2])
def test_largest_order_binds_cash_orders(engine: type, side: int) -> None:
    floor = open_floor(engine, quantity_max_lots=10)
    for _ in range(3):
        floor.order(3 - side, ALICE, 10, 30)
    placed = floor.order(side, BOB, 0, cash_order_quantity_minor=900)
    assert sum(fill.lots for fill in placed.fills) == 10
    assert placed.one(OrderCanceled).cancel_reason == CancelReason.quantity_max


def test_largest_value_binds_a_market_buy_by_lots(engine: type) -> None:
    floor = open_floor(engine, notional_max_minor=100)
    floor.sell(ALICE, 3, 30)
    floor.sell(ALICE, 3, 31)
    placed = floor.buy(BOB, 6)
    assert sum(fill.price_ticks * fill.lots for fill in placed.fills) <= 100


def test_market_cash_sell_holds_all_that_is_available_and_gives_the_rest_back(floor: Floor) -> None:
    floor.buy(ALICE, 100, 30)
    small = floor.account(btc=2)
    placed = floor.sell(small, 0, cash_order_quantity_minor=1_000)
    assert placed.one(OrderAccepted).held_minor == 2
    assert [fill.lots for fill in placed.fills] == [2]
    assert floor.balance(small, BTC) == (0, 0)


def test_market_cash_buy_above_the_balance_is_refused(floor: Floor) -> None:
    floor.sell(ALICE, 2, 30)
    assert floor.buy(CAROL, 0, cash_order_quantity_minor=MILLION + 1).reject_code == RejectCode.insufficient_balance


def test_market_order_that_is_fill_or_kill_fills_whole_or_not_at_all(floor: Floor) -> None:
    ask = floor.sell(ALICE, 5, 100).order_id
    killed = floor.buy(BOB, 6, time_in_force=TimeInForce.fok)
    assert killed.fills == []
    assert killed.one(OrderCanceled).cancel_reason == CancelReason.fill_or_kill
    assert floor.buy(BOB, 5, time_in_force=TimeInForce.fok).fills == [Lots(ask, 100, 5)]


def test_cash_order_takes_no_fill_or_kill(floor: Floor) -> None:
    refused = floor.buy(BOB, 0, cash_order_quantity_minor=5, time_in_force=TimeInForce.fok)
    assert refused.reject_code == RejectCode.time_in_force_not_allowed
