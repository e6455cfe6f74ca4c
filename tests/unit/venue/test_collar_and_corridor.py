"""Price collar, order sizes, and the volatility interruption that turns into a call auction and reopens."""

from __future__ import annotations

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.records import (
    AuctionExtended,
    CancelReason,
    CommandRejected,
    MarketReason,
    MarketState,
    MarketStateChanged,
    OrderAmended,
    OrderCanceled,
    SetMarketState,
    SetTradingRules,
    TradeExecuted,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, CAROL, MILLION, Floor, Lots, open_floor

MS = 1_000_000


@pytest.fixture
def bounded(engine: type[Engine]) -> Floor:
    """Return a market with reference 1,000: collar 10 %, corridor 5 %, auctions of 50 ms."""
    floor = open_floor(engine, collar_ppm=100_000, corridor_ppm=50_000, auction_duration_ms=50)
    floor.sell(ALICE, 1, 1_000)
    floor.buy(BOB, 1, 1_000)
    return floor


def test_first_trade_sets_the_reference(floor: Floor) -> None:
    assert floor.state.markets[0].reference_price_ticks == 0
    floor.sell(ALICE, 1, 1_000)
    floor.buy(BOB, 1, 1_000)
    floor.sell(ALICE, 1, 1_100)
    floor.buy(BOB, 1, 1_100)
    assert floor.state.markets[0].reference_price_ticks == 1_000


def test_aggressive_price_outside_the_collar_is_refused(bounded: Floor) -> None:
    refused = bounded.buy(CAROL, 1, 1_101)
    assert refused.reject_code == RejectCode.price_outside_collar
    assert (refused.one(CommandRejected).expected, refused.one(CommandRejected).found) == (1_100, 1_101)
    assert bounded.sell(CAROL, 1, 899).reject_code == RejectCode.price_outside_collar
    assert bounded.buy(CAROL, 1, 1_100).kinds[0] == "OrderAccepted"


def test_passive_price_is_not_bounded(bounded: Floor) -> None:
    assert bounded.buy(CAROL, 1, 1).kinds == ["OrderAccepted"]
    assert bounded.sell(CAROL, 1, 9_000).kinds == ["OrderAccepted"]


def test_trade_outside_the_corridor_halts_into_an_auction(bounded: Floor) -> None:
    ask = bounded.sell(ALICE, 5, 1_060).order_id
    result = bounded.buy(BOB, 5, 1_070)
    assert result.kinds == ["OrderAccepted", "MarketStateChanged"]
    changed = result.one(MarketStateChanged)
    assert changed.market_state == MarketState.auction
    assert changed.next_market_state == MarketState.continuous
    assert changed.market_reason == MarketReason.volatility
    assert changed.auction_end_ns == bounded.now + 50 * MS
    assert bounded.bids == [Lots(result.order_id, 1_070, 5)]
    assert bounded.asks == [Lots(ask, 1_060, 5)]


def test_trades_inside_the_corridor_come_before_the_halt(bounded: Floor) -> None:
    inside = bounded.sell(ALICE, 5, 1_050).order_id
    bounded.sell(ALICE, 5, 1_051)
    result = bounded.buy(BOB, 7, 1_070)
    assert result.fills == [Lots(inside, 1_050, 5)]
    assert bounded.market_state() == MarketState.auction


def test_fall_outside_the_corridor_halts_too(bounded: Floor) -> None:
    bounded.buy(ALICE, 5, 949)
    bounded.sell(BOB, 5, 940)
    assert bounded.market_state() == MarketState.auction


@pytest.mark.parametrize(("price", "time_in_force"), [(0, 2), (1_070, 2), (1_070, 3)], ids=["market", "ioc", "fok"])
def test_order_that_fits_no_call_phase_stops_at_the_corridor_and_halts_nothing(
    bounded: Floor, price: int, time_in_force: int
) -> None:
    # Xetra: immediate-or-cancel and fill-or-kill orders do not start a volatility interruption.
    bounded.sell(ALICE, 5, 1_060)
    result = bounded.buy(BOB, 5, price, time_in_force=time_in_force)
    expected = CancelReason.fill_or_kill if time_in_force == 3 else CancelReason.volatility
    assert result.one(OrderCanceled).cancel_reason == expected
    assert bounded.market_state() == MarketState.continuous


def test_market_order_that_may_rest_halts_at_the_corridor_and_joins_the_auction(bounded: Floor) -> None:
    # Reference 1,000, collar 10 %: it enters at 1,100 and holds 5 * 1,100; it trades at the auction's price.
    bounded.sell(ALICE, 5, 1_060)
    result = bounded.buy(BOB, 5, time_in_force=1)
    amended = result.one(OrderAmended)
    assert (amended.price_ticks, amended.held_minor) == (1_100, 5_500)
    assert bounded.market_state() == MarketState.auction
    reopened = bounded.wait(50 * MS)
    assert reopened.one(TradeExecuted).quantity_lots == 5
    assert bounded.balance(BOB, BTC) == (MILLION + 6, 0)


def test_order_that_cannot_buy_one_lot_halts_nothing(bounded: Floor) -> None:
    bounded.sell(ALICE, 5, 1_060)
    result = bounded.buy(BOB, 0, cash_order_quantity_minor=500)
    assert result.one(OrderCanceled).cancel_reason == CancelReason.amount_spent
    assert bounded.market_state() == MarketState.continuous


@pytest.mark.parametrize("mode", [1, 2, 3, 4], ids=["taker", "maker", "both", "decrement"])
def test_order_that_meets_only_its_own_owner_halts_nothing(bounded: Floor, mode: int) -> None:
    bounded.sell(ALICE, 5, 1_060)
    bounded.buy(ALICE, 5, 1_070, self_trade_prevention=mode)
    assert bounded.market_state() == MarketState.continuous


def test_bands_are_never_less_than_a_tick(engine: type) -> None:
    # 1 % of a reference price of 5 ticks rounds to nothing; prices 4 to 6 must trade all the same.
    floor = open_floor(engine, corridor_ppm=10_000, collar_ppm=10_000)
    floor.to(MarketState.auction, reference_price_ticks=5)
    floor.to(MarketState.continuous)
    floor.sell(ALICE, 5, 6)
    assert [fill.price_ticks for fill in floor.buy(BOB, 5, 6).fills] == [6]
    assert floor.market_state() == MarketState.continuous


def test_auction_after_a_halt_reopens_when_its_time_is_over(bounded: Floor) -> None:
    ask = bounded.sell(ALICE, 5, 1_060).order_id
    bid = bounded.buy(BOB, 5, 1_070).order_id
    bounded.buy(CAROL, 5, 1_065)
    assert bounded.wait(50 * MS - 1) == []
    reopened = bounded.wait(1)
    assert reopened.kinds == ["MarketStateChanged", "AuctionUncrossed", "TradeExecuted"]
    assert reopened[0].market_reason == MarketReason.auction_end
    trade = reopened.one(TradeExecuted)
    assert (trade.maker_order_id, trade.taker_order_id) == (ask, bid)
    assert bounded.market_state() == MarketState.continuous


def test_auction_price_is_the_new_reference(bounded: Floor) -> None:
    bounded.sell(ALICE, 5, 1_060)
    bounded.buy(BOB, 5, 1_060)
    bounded.wait(50 * MS)
    assert bounded.state.markets[0].reference_price_ticks == 1_060
    assert bounded.sell(CAROL, 1, 954).kinds[0] == "OrderAccepted"
    assert bounded.buy(CAROL, 1, 1_167).reject_code == RejectCode.price_outside_collar


def test_call_phase_after_a_halt_cannot_be_cut_short(bounded: Floor) -> None:
    # Auctions last 50 ms here: an operator who ended it at once would trade before others could join.
    bounded.sell(ALICE, 5, 1_060)
    bounded.buy(BOB, 5, 1_060)
    refused = bounded.do(SetMarketState(MarketState.continuous, market_id=1))
    assert refused.reject_code == RejectCode.call_phase_not_over
    assert bounded.wait(50 * MS).one(TradeExecuted).price_ticks == 1_060
    assert bounded.wait(100 * MS) == []


def test_reopening_by_hand_takes_at_least_a_call_phase(bounded: Floor) -> None:
    bounded.to(MarketState.halted)
    too_short = SetMarketState(MarketState.auction, MarketState.continuous, market_id=1)._replace(
        auction_end_ns=bounded.now + 49 * MS
    )
    assert bounded.do(too_short).reject_code == RejectCode.call_phase_not_over
    bounded.to(MarketState.pre_open)
    refused = bounded.do(SetMarketState(MarketState.continuous, market_id=1))
    assert refused.reject_code == RejectCode.call_phase_not_over
    bounded.now += 50 * MS
    assert bounded.to(MarketState.continuous).kinds == ["MarketStateChanged"]


def test_dynamic_band_follows_the_last_trade_within_the_static_one(bounded: Floor) -> None:
    # Static: 950 to 1,050 around 1,000. Dynamic 1 % around the last trade: 1,000 allows 990 to 1,010, then 1,010 allows
    # 1,000 to 1,020 (1,010 * 1 % = 10.1, rounded down). Xetra: a trade outside either range interrupts.
    bounded.act(SetTradingRules(market_id=1, dynamic_corridor_ppm=10_000))
    for price in (1_010, 1_020):
        bounded.sell(ALICE, 1, price)
        assert bounded.buy(BOB, 1, price).fills != []
    bounded.sell(ALICE, 1, 1_031)
    result = bounded.buy(BOB, 1, 1_031)
    assert result.one(MarketStateChanged).market_reason == MarketReason.volatility


def test_one_sweep_is_measured_against_the_trade_before_it(bounded: Floor) -> None:
    bounded.act(SetTradingRules(market_id=1, dynamic_corridor_ppm=10_000))
    for price in (1_005, 1_010, 1_015):
        bounded.sell(ALICE, 1, price)
    result = bounded.buy(BOB, 3, 1_015)
    assert [fill.price_ticks for fill in result.fills] == [1_005, 1_010]
    assert bounded.market_state() == MarketState.auction


def test_old_trade_is_no_dynamic_reference(bounded: Floor) -> None:
    bounded.act(SetTradingRules(market_id=1, dynamic_corridor_ppm=10_000, dynamic_window_ms=100))
    bounded.now += 101 * MS
    bounded.sell(ALICE, 1, 1_040)
    assert bounded.buy(BOB, 1, 1_040).fills != []


def test_auction_outside_the_corridor_is_extended_as_often_as_stated_and_then_trades(bounded: Floor) -> None:
    # The auction's price of 1,060 lies outside 950 to 1,050: two extensions of 20 ms, then it trades all the same.
    bounded.act(SetTradingRules(2, market_id=1, extension_ms=20))
    bounded.sell(ALICE, 5, 1_060)
    bounded.buy(BOB, 5, 1_060)
    for count in (1, 2):
        extended = bounded.wait(50 * MS if count == 1 else 20 * MS).one(AuctionExtended)
        assert (extended.extension_count, extended.price_ticks) == (count, 1_060)
        assert extended.auction_end_ns == bounded.now + 20 * MS
    assert bounded.wait(20 * MS).one(TradeExecuted).price_ticks == 1_060


def test_random_end_lies_within_its_bound_and_differs_from_auction_to_auction(bounded: Floor) -> None:
    bounded.act(SetTradingRules(market_id=1, random_end_max_ms=30))
    ends = set()
    for _ in range(8):
        bounded.to(MarketState.auction, auction_end_ns=bounded.now + 10 * MS)
        began = bounded.now
        while bounded.market_state() == MarketState.auction:
            bounded.wait(MS)
        ends.add((bounded.now - began) // MS)
    assert min(ends) >= 10
    assert max(ends) <= 40
    assert len(ends) > 2


def test_market_without_a_reference_opens_only_through_a_call_phase(empty: Floor) -> None:
    empty.asset("BTC")
    empty.asset("USD")
    empty.market(open_it=False)
    assert empty.do(SetMarketState(MarketState.continuous, market_id=1)).reject_code == RejectCode.reference_missing
    empty.to(MarketState.continuous, reference_price_ticks=100)


def test_halt_time_beyond_the_end_of_time_is_the_end_of_time(bounded: Floor) -> None:
    bounded.sell(ALICE, 5, 1_060)
    bounded.now = (1 << 64) - 1
    changed = bounded.buy(BOB, 5, 1_070).one(MarketStateChanged)
    assert changed.auction_end_ns == (1 << 64) - 1


@pytest.mark.parametrize(
    ("rules", "lots", "price", "code"),
    [
        ({"quantity_max_lots": 10}, 11, 5, RejectCode.quantity_too_large),
        ({"notional_min_minor": 50}, 9, 5, RejectCode.notional_too_small),
        ({"notional_max_minor": 50}, 11, 5, RejectCode.notional_too_large),
    ],
)
def test_order_beyond_a_size_limit_is_refused(
    engine: type[Engine], rules: dict[str, int], lots: int, price: int, code: RejectCode
) -> None:
    floor = open_floor(engine, **rules)
    assert floor.buy(ALICE, lots, price).reject_code == code
    assert floor.buy(ALICE, 10, price).kinds == ["OrderAccepted"]


def test_market_order_by_lots_counts_at_the_reference_price(engine: type[Engine]) -> None:
    floor = open_floor(engine, notional_max_minor=5_000)
    floor.sell(ALICE, 1, 1_000)
    floor.buy(BOB, 1, 1_000)
    assert floor.buy(BOB, 6).reject_code == RejectCode.notional_too_large


def test_order_value_beyond_128_bits_is_refused_and_not_wrapped(empty: Floor) -> None:
    empty.asset("BTC")
    empty.asset("USD")
    empty.market(tick=(1 << 64) - 1, quantity_max_lots=(1 << 64) - 1)
    empty.account(btc=1, usd=1)
    refused = empty.buy(1, (1 << 64) - 1, (1 << 64) - 1)
    assert refused.reject_code == RejectCode.notional_too_large
    assert refused.one(CommandRejected).found == (1 << 128) - 1
