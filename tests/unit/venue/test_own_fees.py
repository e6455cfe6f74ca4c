"""Fees of accounts and markets in place of the standard ones, and rebates to makers.

The rebate's rule is the one of the ledger's table and of published fee schedules that pay makers (Deribit's perpetuals,
the access fees and rebates of US equity venues): it comes out of the taker's fee of the same trade and is at most that
fee. All values are computed by hand: 1,000 lots at 100 are 1,000 satoshi against 100,000 cents.
"""

from __future__ import annotations

from typing import Any

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.records import (
    BustTrade,
    FeeBasis,
    FeesScheduled,
    FeesSet,
    MakerRebated,
    MarketState,
    ParameterTable,
    SetAccountTier,
    SetFees,
    SetParameter,
    SettingReplaced,
    TradeExecuted,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, CAROL, MARKET, MILLION, SECOND_NS, USD, Floor, Result, open_floor
from .test_fees import earned


@pytest.fixture
def priced(engine: type[Engine]) -> Floor:
    """Return a market whose makers pay 0.1 % and whose takers pay 0.2 %."""
    return open_floor(engine, maker_fee_ppm=1_000, taker_fee_ppm=2_000)


def fees(floor: Floor, account: int, market: int, **rates: int) -> Result:
    """Set fees of an account, a market or both."""
    command = SetFees(FeeBasis.own, account_id=account, market_id=market, rulebook_hash=floor.new_hash())
    return floor.act(command._replace(**rates))


def standard(floor: Floor, account: int, market: int) -> Result:
    """End fees of an account, a market or both."""
    terms = {"account_id": account, "market_id": market}
    return floor.act(SetFees(FeeBasis.standard, rulebook_hash=floor.new_hash(), **terms))


def charged(floor: Floor, market: int = MARKET) -> tuple[int, int]:
    """Trade 1,000 lots at 100 from Alice, who rests, to Bob and return both fees."""
    floor.sell(ALICE, 1_000, 100, market_id=market)
    trade = floor.buy(BOB, 1_000, 100, market_id=market).one(TradeExecuted)
    return trade.maker_fee_minor, trade.taker_fee_minor


# ---------------------------------------------------------------- whose fees apply
def test_account_in_market_goes_before_account_before_market_before_tier(priced: Floor) -> None:
    assert charged(priced) == (100, 2)
    fees(priced, 0, MARKET, maker_fee_ppm=3_000, taker_fee_ppm=5_000)
    assert charged(priced) == (300, 5)
    fees(priced, BOB, 0, taker_fee_ppm=7_000)
    assert charged(priced) == (300, 7)
    fees(priced, BOB, MARKET, taker_fee_ppm=9_000)
    assert charged(priced) == (300, 9)
    standard(priced, BOB, MARKET)
    assert charged(priced) == (300, 7)
    standard(priced, BOB, 0)
    standard(priced, 0, MARKET)
    assert charged(priced) == (100, 2)


def test_fees_of_an_account_bind_in_their_market_alone(priced: Floor) -> None:
    other = priced.market(maker_fee_ppm=1_000, taker_fee_ppm=2_000)
    fees(priced, ALICE, other, maker_fee_ppm=0)
    assert charged(priced, other) == (0, 2)
    assert charged(priced) == (100, 2)


def test_fees_of_one_account_are_no_others(priced: Floor) -> None:
    fees(priced, CAROL, 0, maker_fee_ppm=500_000, taker_fee_ppm=500_000)
    assert charged(priced) == (100, 2)


def test_tier_takes_nothing_off_own_fees(priced: Floor) -> None:
    table = ParameterTable.fee_discount_ppm
    priced.act(SetParameter(table, parameter_key=3, parameter_value=500_000, rulebook_hash=priced.new_hash()))
    for account in (ALICE, BOB):
        priced.act(SetAccountTier(3, account_id=account))
    fees(priced, 0, MARKET, maker_fee_ppm=2_000, taker_fee_ppm=4_000)
    assert charged(priced) == (200, 4)
    standard(priced, 0, MARKET)
    assert charged(priced) == (50, 1)


def test_rules_set_later_leave_the_markets_own_fees(priced: Floor) -> None:
    fees(priced, 0, MARKET, maker_fee_ppm=2_000, taker_fee_ppm=4_000)
    priced.rules(maker_fee_ppm=9_000, taker_fee_ppm=9_000)
    assert charged(priced) == (200, 4)


def test_own_fee_is_rounded_down_in_favour_of_the_client(priced: Floor) -> None:
    fees(priced, BOB, MARKET, taker_fee_ppm=999)
    priced.sell(ALICE, 2_001, 100)
    assert priced.buy(BOB, 1_001, 100).one(TradeExecuted).taker_fee_minor == 0
    fees(priced, BOB, MARKET, taker_fee_ppm=1_000)
    assert priced.buy(BOB, 1_000, 100).one(TradeExecuted).taker_fee_minor == 1


# ---------------------------------------------------------------- rebates
def test_maker_gets_a_part_of_the_takers_fee_in_its_asset(priced: Floor) -> None:
    fees(priced, ALICE, MARKET, maker_rebate_ppm=500)
    priced.buy(ALICE, 1_000, 100)
    events = priced.sell(BOB, 1_000, 100)
    # Bob receives 100,000 cents and pays 200 of them; Alice gets 500 ppm of the 100,000 and pays nothing.
    assert events.kinds == ["OrderAccepted", "TradeExecuted", "MakerRebated"]
    trade, rebate = events.one(TradeExecuted), events.one(MakerRebated)
    assert (trade.maker_fee_minor, trade.taker_fee_minor) == (0, 200)
    assert (rebate.account_id, rebate.asset_id, rebate.amount_minor) == (ALICE, USD, 50)
    assert (rebate.order_id, rebate.trade_index) == (trade.maker_order_id, trade.trade_index)
    assert priced.balance(ALICE, USD) == (MILLION - 100_000 + 50, 0)
    assert priced.balance(ALICE, BTC) == (MILLION + 1_000, 0)
    assert priced.balance(BOB, USD) == (MILLION + 100_000 - 200, 0)
    assert earned(priced) == (0, 150)


@pytest.mark.parametrize(("rate", "paid"), [(1_999, 200), (2_000, 200), (2_001, 200), (MILLION, 200), (1, 1)])
def test_rebate_is_at_most_the_takers_fee_and_rounded_up(priced: Floor, rate: int, paid: int) -> None:
    fees(priced, ALICE, MARKET, maker_rebate_ppm=rate)
    priced.buy(ALICE, 1_000, 100)
    assert priced.sell(BOB, 1_000, 100).one(MakerRebated).amount_minor == paid
    assert earned(priced) == (0, 200 - paid)


def test_taker_without_a_fee_pays_no_rebate(priced: Floor) -> None:
    fees(priced, 0, MARKET, taker_fee_ppm=100, maker_rebate_ppm=100)
    fees(priced, BOB, MARKET, taker_fee_ppm=0)
    priced.buy(ALICE, 1_000, 100)
    assert not priced.sell(BOB, 1_000, 100).of(MakerRebated)
    assert earned(priced) == (0, 0)


def test_rebate_takes_nothing_of_fees_earned_before(priced: Floor) -> None:
    assert charged(priced) == (100, 2)
    fees(priced, ALICE, MARKET, maker_rebate_ppm=MILLION)
    priced.buy(ALICE, 1_000, 100)
    priced.sell(BOB, 1_000, 100)
    assert earned(priced) == (2, 100)


def test_sweep_of_many_makers_pays_each_its_own_rebate(priced: Floor) -> None:
    fees(priced, 0, MARKET, taker_fee_ppm=2_000, maker_rebate_ppm=1_000)
    fees(priced, CAROL, MARKET, maker_fee_ppm=1_000)
    for account in (ALICE, CAROL, ALICE):
        priced.buy(account, 1_000, 100)
    events = priced.sell(BOB, 3_000, 100)
    assert [(r.account_id, r.trade_index, r.amount_minor) for r in events.of(MakerRebated)] == [
        (ALICE, 0, 100),
        (ALICE, 2, 100),
    ]
    assert [trade.maker_fee_minor for trade in events.of(TradeExecuted)] == [0, 1, 0]


def test_auction_has_no_taker_and_so_no_rebate(priced: Floor) -> None:
    fees(priced, 0, MARKET, taker_fee_ppm=2_000, maker_rebate_ppm=1_000)
    priced.to(MarketState.auction)
    priced.sell(ALICE, 1_000, 100)
    priced.buy(BOB, 1_000, 100)
    events = priced.to(MarketState.continuous)
    trade = events.one(TradeExecuted)
    assert (trade.maker_fee_minor, trade.taker_fee_minor) == (0, 0)
    assert not events.of(MakerRebated)


def test_bust_takes_the_rebate_back_and_leaves_all_as_before(priced: Floor) -> None:
    fees(priced, ALICE, MARKET, maker_rebate_ppm=500)
    priced.buy(ALICE, 1_000, 100)
    trade = priced.sell(BOB, 1_000, 100).one(TradeExecuted)
    busted = BustTrade(trade_index=trade.trade_index, trade_seq=trade.seq, decision_hash=priced.new_hash())
    priced.act(busted)
    assert [priced.balance(account, asset) for account in (ALICE, BOB) for asset in (BTC, USD)] == [(MILLION, 0)] * 4
    assert earned(priced) == (0, 0)
    priced.venue.audit()


def test_rebate_on_the_largest_amounts_is_exact(empty: Floor) -> None:
    floor = empty
    floor.asset("BTC", 24)
    floor.asset("USD", 24)
    market = floor.market(lot=1 << 63, tick=1 << 62, taker_fee_ppm=999_999, quantity_max_lots=1 << 60)
    seller, buyer = floor.account(btc=1 << 118), floor.account(usd=1 << 119)
    fees(floor, seller, market, maker_rebate_ppm=333_333)
    lots = (1 << 54) + 12_345
    floor.sell(seller, lots, 3, market_id=market)
    rebate = floor.buy(buyer, lots, 3, market_id=market).one(MakerRebated)
    assert rebate.amount_minor == -(-lots * (1 << 63) * 333_333 // MILLION)
    floor.venue.audit()


# ---------------------------------------------------------------- notice, people, restart
def test_fees_with_notice_take_effect_at_their_time_and_can_be_replaced(priced: Floor) -> None:
    due = priced.now + 10 * SECOND_NS
    pending = fees(priced, BOB, MARKET, taker_fee_ppm=9_000, effective_ns=due).one(FeesScheduled)
    assert charged(priced) == (100, 2)
    again = fees(priced, BOB, MARKET, taker_fee_ppm=8_000, effective_ns=due, replaces_seq=pending.seq)
    assert again.one(SettingReplaced).scheduled_seq == pending.seq
    assert priced.wait(10 * SECOND_NS).one(FeesSet).scheduled_seq == again.one(FeesScheduled).seq
    assert charged(priced) == (100, 8)


def test_fees_change_only_under_two_officers(priced: Floor) -> None:
    command = SetFees(FeeBasis.own, 0, BOB, MARKET, 0, 0, 1, 0, 0, priced.new_hash())
    assert priced.signed(command, 1).reject_code == RejectCode.four_eyes_required
    assert priced.signed(command, 1, 2).of(FeesSet)


def test_restart_keeps_fees_and_what_is_pending(priced: Floor) -> None:
    fees(priced, ALICE, 0, maker_rebate_ppm=500)
    fees(priced, 0, MARKET, taker_fee_ppm=4_000, maker_fee_ppm=1)
    fees(priced, BOB, MARKET, taker_fee_ppm=6_000, effective_ns=priced.now + SECOND_NS)
    snapshot = priced.venue.snapshot()
    priced.venue = priced.engine.restore(snapshot)
    assert priced.venue.snapshot() == snapshot
    priced.sell(ALICE, 1_000, 100)
    assert priced.buy(BOB, 1_000, 100).one(MakerRebated).amount_minor == 1
    assert priced.wait(SECOND_NS).of(FeesSet)
    assert charged(priced) == (0, 6)


TERMS: list[tuple[dict[str, Any], int, int]] = [
    ({"account_id": 0, "market_id": 0}, 1, 0),
    ({"maker_fee_ppm": MILLION + 1}, MILLION, MILLION + 1),
    ({"maker_rebate_ppm": MILLION + 1}, MILLION, MILLION + 1),
    ({"taker_fee_ppm": MILLION + 1}, MILLION, MILLION + 1),
    ({"maker_fee_ppm": 5, "maker_rebate_ppm": 6}, 0, 6),
    ({"account_id": 0, "maker_rebate_ppm": 6, "taker_fee_ppm": 5}, 5, 6),
    ({"fee_basis": FeeBasis.standard, "taker_fee_ppm": 5}, 0, 5),
]


@pytest.mark.parametrize(("terms", "expected", "found"), TERMS)
def test_fees_that_contradict_themselves_are_refused(
    priced: Floor, terms: dict[str, Any], expected: int, found: int
) -> None:
    command = SetFees(FeeBasis.own, 0, BOB, MARKET, rulebook_hash=priced.new_hash())._replace(**terms)
    refused = priced.do(command)
    assert refused.reject_code == RejectCode.fees_invalid
    assert (refused[0].expected, refused[0].found) == (expected, found)
