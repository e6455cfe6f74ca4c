"""Tick-size tables, and changes of tick and lot under resting orders.

Values: RTS 11 (a price is a multiple of its band's tick size), and the published notices of OKX on tick size and
trading amount precision: an open order with more decimals than the new size is canceled (130.2442 when 0.0001 becomes
0.01), one with as many or fewer stays (130.24); the same for amounts (8.0001 and 8.01).
"""

from __future__ import annotations

import pytest

from tarazy.domain.records import (
    CancelReason,
    ChangeIncrements,
    CommandRejected,
    IncrementsChanged,
    MarketState,
    OrderAccepted,
    OrderAmended,
    OrderCanceled,
    OrderType,
    PlaceOco,
    PlaceTrailingStop,
    SetMarketRules,
    SetTickBand,
    TickBandScheduled,
    TickBandSet,
    TimeInForce,
    TradeExecuted,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, CAROL, MARKET, MILLION, SECOND_NS, USD, WIDE_PPM, Floor, Lots, Result

STOP_LIMIT = OrderType.stop_loss_limit


def band(floor: Floor, start: int, step: int, **fields: int) -> Result:
    """Set a band of the first market."""
    command = SetTickBand(market_id=MARKET, from_price_ticks=start, tick_step_ticks=step)
    return floor.act(command._replace(rulebook_hash=floor.new_hash(), **fields))


def change(floor: Floor, lot: int, tick: int) -> Result:
    """Change lot size and tick value of the first market."""
    return floor.attempt(ChangeIncrements(0, MARKET, lot, tick, floor.new_hash()))


@pytest.fixture
def banded(floor: Floor) -> Floor:
    """Return a market whose prices go in steps of 1 below 100, of 5 up to 1,000 and of 10 from there."""
    band(floor, 1_000, 10)
    band(floor, 100, 5)
    return floor


# ---------------------------------------------------------------- the table
@pytest.mark.parametrize(
    ("price", "step"), [(99, 0), (100, 0), (101, 5), (104, 5), (995, 0), (999, 5), (1_000, 0), (1_005, 10), (1_010, 0)]
)
def test_price_is_a_multiple_of_its_bands_step(banded: Floor, price: int, step: int) -> None:
    events = banded.buy(ALICE, 1, price)
    if step == 0:
        assert events.of(OrderAccepted)
        return
    refused = events.one(CommandRejected)
    assert RejectCode(refused.reject_code) == RejectCode.price_off_grid
    assert (refused.expected, refused.found) == (step, price)


def test_trigger_and_amended_price_are_on_the_grid_too(banded: Floor) -> None:
    stop = {"order_type": STOP_LIMIT, "trigger_price_ticks": 203}
    assert banded.buy(ALICE, 1, 205, **stop).reject_code == RejectCode.price_off_grid
    order_id = banded.buy(ALICE, 2, 105).order_id
    assert banded.amend(ALICE, order_id, 2, 106).reject_code == RejectCode.price_off_grid
    assert banded.amend(ALICE, order_id, 1).of(OrderAmended)
    assert banded.amend(ALICE, order_id, 1, 110).of(OrderAmended)


def test_every_price_of_a_list_and_of_a_trailing_stop_is_on_the_grid_when_it_is_placed(banded: Floor) -> None:
    # Steps of 5 from 100: 130, 90 and 210 are prices, 131, 203 and 211 are none, also where an order only begins later.
    banded.print_at(100)
    refused = [
        banded.oto(1, ALICE, 1, 95, 131),
        banded.otoco(1, ALICE, 1, 95, 131, 90),
        banded.otoco(1, ALICE, 1, 95, 130, 90, stop_price_ticks=0, trigger_price_ticks=103),
        banded.oco(2, ALICE, 1, 131, 90),
        banded.trailing(1, ALICE, 1, 100, 211),
        banded.trailing(1, ALICE, 1, 100, 210, begin=203),
    ]
    assert [result.reject_code for result in refused] == [RejectCode.price_off_grid] * 6
    assert {(r.one(CommandRejected).expected, r.one(CommandRejected).found) for r in refused} == {
        (5, 131), (5, 103), (5, 211), (5, 203)
    }  # fmt: skip
    assert banded.oto(1, ALICE, 1, 95, 130).of(OrderAccepted)
    assert banded.trailing(1, ALICE, 1, 100, 210).of(OrderAccepted)


def test_band_ends_and_prices_follow_the_band_below(banded: Floor) -> None:
    band(banded, 1_000, 0)
    assert banded.buy(ALICE, 1, 1_005).of(OrderAccepted)
    band(banded, 100, 0)
    assert banded.buy(ALICE, 1, 1_006).of(OrderAccepted)
    assert banded.state.markets[0].tick_bands == []


def test_band_cancels_what_is_off_the_new_grid_and_leaves_the_rest_in_place(floor: Floor) -> None:
    kept = [floor.buy(ALICE, 1, 110).order_id]
    gone = [floor.buy(BOB, 7, 108).order_id]
    kept.append(floor.buy(CAROL, 2, 110).order_id)
    stop = {"order_type": STOP_LIMIT, "trigger_price_ticks": 113}
    gone.append(floor.buy(BOB, 1, 115, **stop).order_id)
    below = floor.buy(ALICE, 1, 99).order_id
    events = band(floor, 100, 5)
    canceled = events.of(OrderCanceled)
    assert [(event.order_id, event.cancel_reason) for event in canceled] == [
        (order_id, CancelReason.tick_change) for order_id in gone
    ]
    assert sum(event.released_minor for event in canceled) == 7 * 108 + 115
    assert floor.bids == [Lots(kept[0], 110, 1), Lots(kept[1], 110, 2), Lots(below, 99, 1)]
    assert floor.balance(BOB, USD) == (MILLION, 0)


def test_untriggered_market_order_is_judged_by_its_trigger_alone(floor: Floor) -> None:
    order_id = floor.buy(ALICE, 1, 0, order_type=OrderType.stop_loss, trigger_price_ticks=115, time_in_force=2).order_id
    assert not band(floor, 100, 5).of(OrderCanceled)
    assert order_id in floor.state.markets[0].book.untriggered


def test_auction_clears_on_the_grid(floor: Floor) -> None:
    """Bids 100 and 120, asks 90 and 110 of one lot each: 101 to 109 leaves least, and the grid has no price there."""
    band(floor, 10, 10)
    floor.to(MarketState.auction)
    for price in (100, 120):
        floor.buy(ALICE, 1, price)
    for price in (90, 110):
        floor.sell(BOB, 1, price)
    trades = floor.to(MarketState.continuous).of(TradeExecuted)
    assert {trade.price_ticks % 10 for trade in trades} == {0}


def test_auction_of_market_orders_from_before_the_band_clears_where_most_trades(floor: Floor) -> None:
    """Market orders entered at 32 and 34 outlive a band of steps of 10; the grid's only crossed price is 40.

    At 40 one lot would trade and leave a crossed book; from 32 to 34 all three trade, nearest to the last price at 33.
    """
    floor.print_at(33)
    floor.rules(collar_ppm=60_000)
    floor.to(MarketState.auction)
    waiting = {"order_type": OrderType.market, "time_in_force": TimeInForce.gtc}
    assert floor.sell(BOB, 3, 0, **waiting).one(OrderAccepted).price_ticks == 32
    assert floor.buy(ALICE, 2, 0, **waiting).one(OrderAccepted).price_ticks == 34
    band(floor, 10, 10)
    floor.rules()
    floor.buy(CAROL, 1, 40)
    trades = floor.to(MarketState.continuous).of(TradeExecuted)
    assert [(trade.price_ticks, trade.quantity_lots) for trade in trades] == [(33, 1), (33, 2)]


def test_middle_of_an_auction_is_brought_down_to_the_grid(floor: Floor) -> None:
    band(floor, 10, 10)
    floor.to(MarketState.auction)
    floor.buy(ALICE, 1, 150)
    floor.sell(BOB, 1, 100)
    # Without a reference price the middle of 100 and 150 is 125; the grid's price below it is 120.
    assert floor.to(MarketState.continuous).one(TradeExecuted).price_ticks == 120


def test_market_order_enters_a_call_phase_at_a_price_of_the_grid(floor: Floor) -> None:
    band(floor, 10, 10)
    floor.to(MarketState.auction, reference_price_ticks=100)
    options = {"order_type": OrderType.market, "time_in_force": TimeInForce.gtc}
    accepted = floor.buy(ALICE, 30_000, 0, **options).one(OrderAccepted)
    # A million covers 33 ticks for each of 30,000 lots.
    assert (accepted.price_ticks, accepted.held_minor) == (30, 900_000)


def test_band_with_notice_takes_effect_at_its_time(floor: Floor) -> None:
    due = floor.now + SECOND_NS
    assert band(floor, 100, 5, effective_ns=due).one(TickBandScheduled).effective_ns == due
    order_id = floor.buy(ALICE, 1, 101).order_id
    floor.venue = floor.engine.restore(floor.venue.snapshot())
    events = floor.wait(SECOND_NS)
    assert events.kinds == ["TickBandSet", "OrderCanceled"]
    assert events.one(OrderCanceled).order_id == order_id
    assert events.one(TickBandSet).scheduled_seq != 0


def test_restart_keeps_the_table(banded: Floor) -> None:
    snapshot = banded.venue.snapshot()
    banded.venue = banded.engine.restore(snapshot)
    assert banded.venue.snapshot() == snapshot
    assert banded.buy(ALICE, 1, 101).reject_code == RejectCode.price_off_grid


# ---------------------------------------------------------------- tick and lot
def test_orders_that_are_whole_in_the_new_units_keep_place_and_hold(floor: Floor) -> None:
    """Lots of 1 become lots of 10, so that a price per lot is ten times; ticks of 1 become ticks of 20."""
    first = floor.buy(ALICE, 20, 100).order_id
    odd_lots = floor.buy(BOB, 25, 100).order_id
    second = floor.buy(CAROL, 10, 100).order_id
    odd_ticks = floor.buy(BOB, 20, 101).order_id
    ask = floor.sell(BOB, 30, 200).order_id
    before = [floor.balance(account, asset) for account in (ALICE, CAROL) for asset in (BTC, USD)]
    floor.to(MarketState.halted)
    events = change(floor, 10, 20)
    assert events.kinds == ["OrderCanceled", "OrderCanceled", "IncrementsChanged"] + ["OrderAmended"] * 3
    assert [event.order_id for event in events.of(OrderCanceled)] == [odd_lots, odd_ticks]
    assert {event.cancel_reason for event in events.of(OrderCanceled)} == {CancelReason.tick_change}
    # 100 a unit was 100 ticks; it is 1,000 a lot of ten, which is 50 ticks of 20.
    assert floor.bids == [Lots(first, 50, 2), Lots(second, 50, 1)]
    assert floor.asks == [Lots(ask, 100, 3)]
    assert [
        (e.order_id, e.price_ticks, e.leaves_lots, e.held_minor, e.priority_kept) for e in events.of(OrderAmended)
    ] == [
        (first, 50, 2, 2_000, 1),
        (second, 50, 1, 1_000, 1),
        (ask, 100, 3, 30, 1),
    ]
    assert [floor.balance(account, asset) for account in (ALICE, CAROL) for asset in (BTC, USD)] == before
    assert floor.balance(BOB, USD) == (MILLION, 0)
    floor.venue.audit()


@pytest.fixture
def coarse(empty: Floor) -> Floor:
    """Return a market in lots and ticks of 100 with two rich accounts that traded 5 lots at 40."""
    empty.asset("BTC")
    empty.asset("USD")
    empty.market(lot=100, tick=100)
    for _ in range(2):
        empty.account(btc=1 << 40, usd=1 << 40)
    empty.sell(1, 5, 40)
    empty.buy(2, 5, 40)
    return empty


def test_finer_units_cancel_nothing_and_the_orders_trade_on(coarse: Floor) -> None:
    """Lots of 10 and ticks of 5: a price of p becomes p * 100/100 / (5/10) = 2 p, a quantity ten times as many."""
    bid = coarse.buy(1, 3, 39).order_id
    iceberg = coarse.buy(2, 10, 38, display_lots=2).order_id
    stop = coarse.sell(2, 4, 30, order_type=STOP_LIMIT, trigger_price_ticks=35).order_id
    held = [coarse.balance(account, asset) for account in (1, 2) for asset in (BTC, USD)]
    coarse.to(MarketState.halted)
    assert not change(coarse, 10, 5).of(OrderCanceled)
    market = coarse.state.markets[0]
    assert [(o.order_id, o.price_ticks, o.visible_lots, o.leaves_lots) for o in market.book.resting.values()] == [
        (bid, 78, 30, 30),
        (iceberg, 76, 20, 100),
    ]
    untriggered = market.book.untriggered[stop]
    assert (untriggered.trigger_price_ticks, untriggered.price_ticks, untriggered.quantity_lots) == (70, 60, 40)
    assert (market.reference_price_ticks, market.last_price_ticks) == (80, 80)
    assert [coarse.balance(account, asset) for account in (1, 2) for asset in (BTC, USD)] == held
    coarse.venue = coarse.engine.restore(coarse.venue.snapshot())
    coarse.to(MarketState.auction, leads_to=MarketState.continuous)
    coarse.wait(SECOND_NS)
    coarse.to(MarketState.continuous)
    # 25 new lots against the bid: 25 * 78 * 5 minor units, what 2.5 old lots at 39 cost.
    trade = coarse.sell(2, 25, 78).one(TradeExecuted)
    assert (trade.maker_order_id, trade.price_ticks, trade.quantity_lots) == (bid, 78, 25)
    assert coarse.balance(1, USD)[1] == 5 * 78 * 5
    coarse.venue.audit()


def test_stop_whose_trigger_and_iceberg_whose_slice_do_not_fit_are_canceled(coarse: Floor) -> None:
    """Ticks of 200 halve every price, lots of 100 stay; then lots of 300 need quantities and slices of threes."""
    stop = coarse.sell(2, 4, 30, order_type=STOP_LIMIT, trigger_price_ticks=35).order_id
    iceberg = coarse.buy(1, 6, 38, display_lots=2).order_id
    coarse.to(MarketState.halted)
    assert change(coarse, 100, 200).one(OrderCanceled).order_id == stop
    assert change(coarse, 300, 600).one(OrderCanceled).order_id == iceberg
    assert [coarse.balance(account, asset)[1] for account in (1, 2) for asset in (BTC, USD)] == [0] * 4


def test_change_waits_until_the_market_is_at_rest(floor: Floor) -> None:
    assert change(floor, 10, 20).reject_code == RejectCode.market_not_at_rest
    floor.to(MarketState.auction, leads_to=MarketState.continuous)
    assert change(floor, 10, 20).reject_code == RejectCode.market_not_at_rest


def test_change_is_refused_while_settings_in_the_old_units_wait(floor: Floor) -> None:
    rules = SetMarketRules(0, MARKET, 0, 0, WIDE_PPM, WIDE_PPM, 1, 1_000, 0, 1 << 100, floor.now + SECOND_NS)
    seq = floor.act(rules)[0].seq
    floor.to(MarketState.halted)
    refused = change(floor, 10, 20).one(CommandRejected)
    assert RejectCode(refused.reject_code) == RejectCode.setting_pending
    assert (refused.expected, refused.found) == (0, seq)
    floor.wait(SECOND_NS)
    assert change(floor, 10, 20).one(IncrementsChanged).quantity_max_lots == 100


def test_table_follows_the_units_or_the_change_is_refused(banded: Floor) -> None:
    banded.to(MarketState.halted)
    refused = change(banded, 1, 3).one(CommandRejected)
    assert RejectCode(refused.reject_code) == RejectCode.increments_invalid
    assert (refused.expected, refused.found) == (3, 100)
    assert change(banded, 1, 5).of(IncrementsChanged)
    assert banded.state.markets[0].tick_bands == [(20, 1), (200, 2)]


def test_table_that_does_not_fit_the_new_units_is_told_what_would(floor: Floor) -> None:
    # A lot 2^62 times as large makes a price of 8 ticks 2^65: at most (2^64 - 1) // 2^62 = 3 ticks would fit.
    band(floor, 8, 1)
    floor.to(MarketState.halted)
    refused = change(floor, 1 << 62, 1).one(CommandRejected)
    assert RejectCode(refused.reject_code) == RejectCode.increments_invalid
    assert (refused.expected, refused.found) == (3, 8)


def test_lists_and_trailing_stops_leave_at_a_change_with_all_that_they_held(floor: Floor) -> None:
    floor.sell(BOB, 10, 100)
    floor.buy(CAROL, 10, 100)
    floor.act(PlaceOco(2, 1, 0, 0, MARKET, ALICE, 0, 110, 10, 90))
    floor.act(PlaceTrailingStop(4, 2, 2, 1, 0, 0, MARKET, ALICE, 0, 0, 10, trailing_bp=100))
    assert floor.balance(ALICE, BTC) == (MILLION - 20, 20)
    floor.to(MarketState.halted)
    events = change(floor, 10, 10)
    assert [event.cancel_reason for event in events.of(OrderCanceled)] == [CancelReason.tick_change] * 3
    assert floor.balance(ALICE, BTC) == (MILLION, 0)
    assert floor.state.markets[0].book.untriggered == {}
    floor.venue.audit()
