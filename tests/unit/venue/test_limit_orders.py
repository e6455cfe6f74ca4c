"""Limit orders in continuous trading: price-time priority, prices of trades, holds."""

from __future__ import annotations

from tarazy.domain.records import OrderAccepted, Side, TradeExecuted
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, CAROL, DAVE, MILLION, USD, Floor, Lots


def test_buy_rests_and_holds_price_times_lots_of_the_quote_asset(floor: Floor) -> None:
    placed = floor.buy(ALICE, 5, 100)
    assert placed.one(OrderAccepted).held_minor == 500
    assert floor.balance(ALICE, USD) == (MILLION - 500, 500)
    assert floor.bids == [Lots(placed.order_id, 100, 5)]


def test_sell_rests_and_holds_its_lots_of_the_base_asset(floor: Floor) -> None:
    placed = floor.sell(ALICE, 5, 100)
    assert placed.one(OrderAccepted).held_minor == 5
    assert floor.balance(ALICE, BTC) == (MILLION - 5, 5)
    assert floor.asks == [Lots(placed.order_id, 100, 5)]


def test_order_number_is_the_sequence_number_of_its_command(floor: Floor) -> None:
    seq = floor.venue.next_seq
    assert floor.buy(ALICE, 5, 100).order_id == seq


def test_crossing_orders_trade_at_the_price_of_the_one_that_rested(floor: Floor) -> None:
    ask = floor.sell(ALICE, 5, 100).order_id
    assert floor.buy(BOB, 5, 103).fills == [Lots(ask, 100, 5)]
    bid = floor.buy(ALICE, 5, 90).order_id
    assert floor.sell(BOB, 5, 80).fills == [Lots(bid, 90, 5)]


def test_buyer_gets_back_what_it_held_above_the_price_of_the_trade(floor: Floor) -> None:
    floor.sell(ALICE, 5, 100)
    floor.buy(BOB, 5, 103)
    assert floor.balance(BOB, USD) == (MILLION - 500, 0)
    assert floor.balance(BOB, BTC) == (MILLION + 5, 0)
    assert floor.balance(ALICE, USD) == (MILLION + 500, 0)
    assert floor.balance(ALICE, BTC) == (MILLION - 5, 0)


def test_rest_of_a_partly_filled_order_stays_at_its_limit(floor: Floor) -> None:
    floor.sell(ALICE, 5, 100)
    placed = floor.buy(BOB, 8, 103)
    assert floor.bids == [Lots(placed.order_id, 103, 3)]
    assert floor.asks == []
    assert floor.balance(BOB, USD) == (MILLION - 500 - 309, 309)


def test_better_price_trades_before_earlier_time(floor: Floor) -> None:
    early = floor.sell(ALICE, 5, 101).order_id
    better = floor.sell(BOB, 5, 100).order_id
    assert floor.buy(CAROL, 10, 101).fills == [Lots(better, 100, 5), Lots(early, 101, 5)]


def test_earlier_time_trades_first_at_one_price(floor: Floor) -> None:
    first = floor.buy(ALICE, 5, 100).order_id
    second = floor.buy(BOB, 5, 100).order_id
    assert floor.sell(CAROL, 7, 100).fills == [Lots(first, 100, 5), Lots(second, 100, 2)]
    assert floor.bids == [Lots(second, 100, 3)]


def test_partly_filled_maker_keeps_its_place(floor: Floor) -> None:
    first = floor.sell(ALICE, 5, 100).order_id
    second = floor.sell(BOB, 5, 100).order_id
    floor.buy(CAROL, 2, 100)
    assert floor.buy(CAROL, 4, 100).fills == [Lots(first, 100, 3), Lots(second, 100, 1)]


def test_order_never_trades_past_its_limit(floor: Floor) -> None:
    inside = floor.sell(ALICE, 5, 100).order_id
    outside = floor.sell(BOB, 5, 102).order_id
    placed = floor.buy(CAROL, 10, 101)
    assert placed.fills == [Lots(inside, 100, 5)]
    assert floor.bids == [Lots(placed.order_id, 101, 5)]
    assert floor.asks == [Lots(outside, 102, 5)]


def test_sweep_walks_the_levels_in_order(floor: Floor) -> None:
    asks = [floor.sell(ALICE, 1, price).order_id for price in (103, 101, 102)]
    fills = floor.buy(BOB, 3, 103).fills
    assert fills == [Lots(asks[1], 101, 1), Lots(asks[2], 102, 1), Lots(asks[0], 103, 1)]


def test_trades_of_one_command_are_numbered_from_zero(floor: Floor) -> None:
    for account in (ALICE, BOB, CAROL):
        floor.sell(account, 1, 100)
    trades = floor.buy(DAVE, 3, 100).of(TradeExecuted)
    assert [trade.trade_index for trade in trades] == [0, 1, 2]
    assert {trade.side for trade in trades} == {Side.buy}


def test_sell_above_holding_is_refused_with_insufficient_balance(floor: Floor) -> None:
    assert floor.sell(ALICE, MILLION + 1, 100).reject_code == RejectCode.insufficient_balance


def test_buy_above_holding_is_refused_with_insufficient_balance(floor: Floor) -> None:
    assert floor.buy(ALICE, MILLION, 2).reject_code == RejectCode.insufficient_balance


def test_held_amounts_cannot_be_spent_twice(floor: Floor) -> None:
    floor.sell(ALICE, MILLION, 100)
    assert floor.sell(ALICE, 1, 100).reject_code == RejectCode.insufficient_balance


def test_proceeds_can_be_spent_at_once(floor: Floor) -> None:
    poor = floor.account(btc=10)
    floor.buy(ALICE, 10, 100)
    floor.sell(poor, 10, 100)
    assert floor.buy(poor, 10, 100).kinds == ["OrderAccepted"]


def test_lot_size_and_tick_value_scale_the_amounts(floor: Floor) -> None:
    market = floor.market(lot=20, tick=3)
    floor.sell(ALICE, 5, 7, market_id=market)
    floor.buy(BOB, 5, 7, market_id=market)
    assert floor.balance(BOB, BTC) == (MILLION + 5 * 20, 0)
    assert floor.balance(BOB, USD) == (MILLION - 5 * 7 * 3, 0)


def test_markets_do_not_share_books(floor: Floor) -> None:
    other = floor.market()
    floor.sell(ALICE, 5, 100)
    assert floor.buy(BOB, 5, 100, market_id=other).fills == []
