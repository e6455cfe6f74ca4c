"""Fees: maker and taker, in the asset received, rounded down, less the tier's discount."""

from __future__ import annotations

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.records import MarketState, ParameterTable, SetAccountTier, SetParameter, TradeExecuted

from ...floor import ALICE, BOB, BTC, MILLION, USD, Floor, open_floor


@pytest.fixture
def priced(engine: type[Engine]) -> Floor:
    """Return a market whose makers pay 0.1 % and whose takers pay 0.2 %."""
    return open_floor(engine, maker_fee_ppm=1_000, taker_fee_ppm=2_000)


def earned(floor: Floor) -> tuple[int, int]:
    """Return the fees earned in both assets."""
    return floor.state.ledger.asset(BTC).fees_earned.minor, floor.state.ledger.asset(USD).fees_earned.minor


def test_each_side_pays_in_the_asset_it_receives(priced: Floor) -> None:
    priced.sell(ALICE, 1_000, 100)
    trade = priced.buy(BOB, 1_000, 100).one(TradeExecuted)
    assert (trade.maker_fee_minor, trade.taker_fee_minor) == (100, 2)
    assert priced.balance(ALICE, USD) == (MILLION + 100_000 - 100, 0)
    assert priced.balance(BOB, BTC) == (MILLION + 1_000 - 2, 0)
    assert earned(priced) == (2, 100)


def test_selling_taker_pays_its_rate_in_quote(priced: Floor) -> None:
    priced.buy(ALICE, 1_000, 100)
    trade = priced.sell(BOB, 1_000, 100).one(TradeExecuted)
    assert (trade.maker_fee_minor, trade.taker_fee_minor) == (1, 200)


@pytest.mark.parametrize(("lots", "fee"), [(999, 0), (1_000, 1), (1_999, 1), (2_000, 2)])
def test_fee_is_rounded_down_in_favour_of_the_client(engine: type[Engine], lots: int, fee: int) -> None:
    floor = open_floor(engine, taker_fee_ppm=1_000)
    floor.sell(ALICE, lots, 100)
    assert floor.buy(BOB, lots, 100).one(TradeExecuted).taker_fee_minor == fee


def test_each_fill_is_rounded_by_itself(engine: type[Engine]) -> None:
    floor = open_floor(engine, taker_fee_ppm=1_000)
    for _ in range(2):
        floor.sell(ALICE, 999, 100)
    floor.buy(BOB, 1_998, 100)
    assert earned(floor) == (0, 0)


def test_tier_has_its_discount_and_others_do_not(priced: Floor) -> None:
    table = ParameterTable.fee_discount_ppm
    priced.act(SetParameter(table, parameter_key=3, parameter_value=500_000, rulebook_hash=priced.new_hash()))
    priced.act(SetAccountTier(3, account_id=BOB))
    priced.sell(ALICE, 1_000, 100)
    trade = priced.buy(BOB, 1_000, 100).one(TradeExecuted)
    assert (trade.maker_fee_minor, trade.taker_fee_minor) == (100, 1)


def test_discounted_rate_is_rounded_down(engine: type[Engine]) -> None:
    floor = open_floor(engine, taker_fee_ppm=1_001)
    table = ParameterTable.fee_discount_ppm
    floor.act(SetParameter(table, parameter_key=0, parameter_value=500_000, rulebook_hash=floor.new_hash()))
    floor.sell(ALICE, 10_000, 10)
    assert floor.buy(BOB, 10_000, 10).one(TradeExecuted).taker_fee_minor == 5


def test_discount_set_before_the_market_opened_applies(engine: type[Engine]) -> None:
    floor = open_floor(engine)
    table = ParameterTable.fee_discount_ppm
    floor.act(SetParameter(table, parameter_key=0, parameter_value=MILLION, rulebook_hash=floor.new_hash()))
    market = floor.market(taker_fee_ppm=100_000)
    floor.sell(ALICE, 100, 10, market_id=market)
    assert floor.buy(BOB, 100, 10, market_id=market).one(TradeExecuted).taker_fee_minor == 0


def test_both_sides_of_an_auction_pay_the_makers_rate(priced: Floor) -> None:
    priced.to(MarketState.auction)
    priced.sell(ALICE, 1_000, 100)
    priced.buy(BOB, 1_000, 100)
    trade = priced.to(MarketState.continuous).one(TradeExecuted)
    assert (trade.maker_fee_minor, trade.taker_fee_minor) == (100, 1)


def test_fee_of_the_whole_leaves_nothing_and_takes_nothing_more(engine: type[Engine]) -> None:
    floor = open_floor(engine, maker_fee_ppm=MILLION, taker_fee_ppm=MILLION)
    floor.sell(ALICE, 10, 100)
    floor.buy(BOB, 10, 100)
    assert floor.balance(ALICE, USD) == (MILLION, 0)
    assert floor.balance(BOB, BTC) == (MILLION, 0)
    assert earned(floor) == (10, 1_000)


def test_fee_on_the_largest_amounts_is_exact(empty: Floor) -> None:
    floor = empty
    floor.asset("BTC", 24)
    floor.asset("USD", 24)
    lot = 1 << 63
    market = floor.market(lot=lot, tick=1 << 62, maker_fee_ppm=999_999, taker_fee_ppm=1, quantity_max_lots=1 << 60)
    seller, buyer = floor.account(btc=1 << 118), floor.account(usd=1 << 119)
    lots = (1 << 54) + 12_345
    floor.sell(seller, lots, 3, market_id=market)
    trade = floor.buy(buyer, lots, 3, market_id=market).one(TradeExecuted)
    assert trade.maker_fee_minor == 3 * lots * (1 << 62) * 999_999 // MILLION
    assert trade.taker_fee_minor == lots * lot // MILLION
