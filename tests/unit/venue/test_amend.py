"""Amendments: a smaller quantity at the same price keeps the place, anything else enters anew."""

from __future__ import annotations

from tarazy.domain.records import MarketState, OrderAmended, OrderType, TradeExecuted
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, CAROL, MILLION, USD, Floor, Lots


def test_smaller_quantity_keeps_the_place(floor: Floor) -> None:
    first = floor.sell(ALICE, 5, 100).order_id
    second = floor.sell(BOB, 5, 100).order_id
    amended = floor.amend(ALICE, first, 3).one(OrderAmended)
    assert (amended.priority_kept, amended.leaves_lots, amended.held_minor) == (1, 3, 3)
    assert floor.asks == [Lots(first, 100, 3), Lots(second, 100, 5)]
    assert floor.balance(ALICE, BTC) == (MILLION - 3, 3)


def test_larger_quantity_goes_to_the_end(floor: Floor) -> None:
    first = floor.sell(ALICE, 5, 100).order_id
    second = floor.sell(BOB, 5, 100).order_id
    amended = floor.amend(ALICE, first, 6).one(OrderAmended)
    assert amended.priority_kept == 0
    assert floor.asks == [Lots(second, 100, 5), Lots(first, 100, 6)]
    assert floor.balance(ALICE, BTC) == (MILLION - 6, 6)


def test_other_price_goes_to_the_end_of_its_level(floor: Floor) -> None:
    moved = floor.buy(ALICE, 5, 100).order_id
    there = floor.buy(BOB, 5, 99).order_id
    amended = floor.amend(ALICE, moved, 5, 99).one(OrderAmended)
    assert (amended.priority_kept, amended.price_ticks, amended.held_minor) == (0, 99, 495)
    assert floor.bids == [Lots(there, 99, 5), Lots(moved, 99, 5)]
    assert floor.balance(ALICE, USD) == (MILLION - 495, 495)


def test_smaller_quantity_at_another_price_loses_the_place(floor: Floor) -> None:
    moved = floor.buy(ALICE, 5, 100).order_id
    there = floor.buy(BOB, 5, 99).order_id
    floor.amend(ALICE, moved, 2, 99)
    assert floor.bids == [Lots(there, 99, 5), Lots(moved, 99, 2)]


def test_move_of_one_order_leaves_its_siblings_at_the_level(floor: Floor) -> None:
    orders = [floor.sell(account, 5, 100).order_id for account in (ALICE, BOB, CAROL)]
    floor.amend(BOB, orders[1], 5, 101)
    assert floor.asks == [Lots(orders[0], 100, 5), Lots(orders[2], 100, 5), Lots(orders[1], 101, 5)]


def test_crossing_amendment_trades_and_never_rests_crossed(floor: Floor) -> None:
    bid = floor.buy(ALICE, 3, 99).order_id
    ask = floor.sell(BOB, 5, 101).order_id
    result = floor.amend(BOB, ask, 5, 98)
    trade = result.one(TradeExecuted)
    assert (trade.maker_order_id, trade.taker_order_id, trade.price_ticks) == (bid, ask, 99)
    assert floor.bids == []
    assert floor.asks == [Lots(ask, 98, 2)]


def test_quantity_is_the_total_with_the_filled_lots(floor: Floor) -> None:
    ask = floor.sell(ALICE, 10, 100).order_id
    floor.buy(BOB, 4, 100)
    amended = floor.amend(ALICE, ask, 6).one(OrderAmended)
    assert (amended.quantity_lots, amended.leaves_lots) == (6, 2)
    assert floor.asks == [Lots(ask, 100, 2)]


def test_quantity_of_what_is_filled_is_refused(floor: Floor) -> None:
    ask = floor.sell(ALICE, 10, 100).order_id
    floor.buy(BOB, 4, 100)
    assert floor.amend(ALICE, ask, 4).reject_code == RejectCode.amend_below_filled
    assert floor.amend(ALICE, ask, 3).reject_code == RejectCode.amend_below_filled


def test_amendment_that_costs_more_than_the_balance_is_refused(floor: Floor) -> None:
    bid = floor.buy(ALICE, 1_000, 1_000).order_id
    assert floor.amend(ALICE, bid, 1_001).reject_code == RejectCode.insufficient_balance
    assert floor.amend(ALICE, bid, 1_000, 1_001).reject_code == RejectCode.insufficient_balance
    assert floor.balance(ALICE, USD) == (0, MILLION)


def test_amendment_of_an_order_that_is_gone_is_refused(floor: Floor) -> None:
    filled = floor.sell(ALICE, 5, 100).order_id
    floor.buy(BOB, 5, 100)
    canceled = floor.sell(ALICE, 5, 100).order_id
    floor.cancel(ALICE, canceled)
    for number in (filled, canceled, 999_999):
        assert floor.amend(ALICE, number, 3).reject_code == RejectCode.order_unknown


def test_amendment_of_another_accounts_order_is_refused(floor: Floor) -> None:
    ask = floor.sell(ALICE, 5, 100).order_id
    assert floor.amend(BOB, ask, 3).reject_code == RejectCode.order_unknown


def test_post_only_order_is_not_amended_into_a_trade(floor: Floor) -> None:
    floor.sell(ALICE, 5, 101)
    bid = floor.buy(BOB, 5, 99, order_type=OrderType.post_only).order_id
    assert floor.amend(BOB, bid, 5, 101).reject_code == RejectCode.post_only_would_cross
    assert floor.amend(BOB, bid, 5, 100).one(OrderAmended).price_ticks == 100


def test_untriggered_stop_is_not_amended(floor: Floor) -> None:
    stop = floor.sell(ALICE, 5, 89, order_type=OrderType.stop_loss_limit, trigger_price_ticks=90).order_id
    assert floor.amend(ALICE, stop, 3).reject_code == RejectCode.amend_not_allowed


def test_iceberg_is_amended_between_one_slice_and_a_hundred(floor: Floor) -> None:
    ask = floor.sell(ALICE, 10, 100, display_lots=3).order_id
    assert floor.amend(ALICE, ask, 3).reject_code == RejectCode.quantity_unfit_for_slice
    assert floor.amend(ALICE, ask, 301).reject_code == RejectCode.quantity_unfit_for_slice
    assert floor.amend(ALICE, ask, 4).one(OrderAmended).priority_kept == 1
    assert floor.asks == [Lots(ask, 100, 3)]


def test_amendment_in_an_auction_waits_for_the_uncross(floor: Floor) -> None:
    floor.to(MarketState.auction)
    floor.buy(ALICE, 5, 100)
    ask = floor.sell(BOB, 5, 101).order_id
    assert floor.amend(BOB, ask, 5, 99).kinds == ["OrderAmended"]
    assert floor.to(MarketState.continuous).one(TradeExecuted).quantity_lots == 5


def test_amendment_in_a_halted_market_is_refused(floor: Floor) -> None:
    ask = floor.sell(ALICE, 5, 100).order_id
    floor.to(MarketState.halted)
    assert floor.amend(ALICE, ask, 3).reject_code == RejectCode.market_not_open


def test_amended_order_keeps_its_number_and_its_clients_number(floor: Floor) -> None:
    ask = floor.sell(ALICE, 5, 100, client_order_id=7).order_id
    floor.amend(ALICE, ask, 5, 101)
    assert floor.asks == [Lots(ask, 101, 5)]
    assert floor.cancel(ALICE, 0, 7).kinds == ["OrderCanceled"]
