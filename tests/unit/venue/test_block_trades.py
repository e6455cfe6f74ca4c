"""Block trades: agreed off the book, settled whole, and the book does not notice.

What a block pays follows from arithmetic: 50 lots at 100 are 5,000 cents against 50 satoshi; fees are parts per million
of what a side receives, rounded down. That a block moves neither the last nor the reference price is the rule for
negotiated trades at venues (pre-arranged and block trades are left out of settlement prices: CME Rule 526).
"""

from __future__ import annotations

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.records import (
    AccountState,
    BlockLegSettled,
    BlockTradeExecuted,
    BustTrade,
    ClientClass,
    LimitKind,
    LimitPeriod,
    LimitScope,
    MarketState,
    SetAccountState,
    SetLimit,
    Side,
    SuspendAsset,
    TradeExecuted,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, CAROL, MARKET, MILLION, USD, Floor, open_floor
from .block_refusals import HASH, allow_blocks, block
from .test_fees import earned


@pytest.fixture
def floor(engine: type[Engine]) -> Floor:
    """Return a market with blocks, whose makers pay 2 % and whose takers pay 4 %."""
    floor = open_floor(engine, maker_fee_ppm=20_000, taker_fee_ppm=40_000, collar_ppm=100_000)
    allow_blocks(floor)
    return floor


def test_block_pays_both_sides_and_the_party_that_asked_pays_the_taker_s_rate(floor: Floor) -> None:
    fees = earned(floor)
    result = floor.act(block())
    trade = result.one(BlockTradeExecuted)
    assert (trade.account_id, trade.counterparty_account_id, trade.consent_hash) == (ALICE, BOB, b"\xc0" * 32)
    quote, base = result.of(BlockLegSettled)
    assert (quote.from_account_id, quote.account_id, quote.amount_minor, quote.fee_minor) == (ALICE, BOB, 5_000, 100)
    assert (base.from_account_id, base.account_id, base.amount_minor, base.fee_minor) == (BOB, ALICE, 50, 2)
    assert (floor.balance(ALICE, BTC), floor.balance(ALICE, USD)) == ((MILLION + 48, 0), (MILLION - 5_000, 0))
    assert (floor.balance(BOB, BTC), floor.balance(BOB, USD)) == ((MILLION - 50, 0), (MILLION + 4_900, 0))
    assert earned(floor) == (fees[0] + 2, fees[1] + 100)


def test_book_last_price_and_reference_stay_and_no_stop_is_reached(floor: Floor) -> None:
    floor.buy(CAROL, 5, 99)
    floor.order(Side.sell, CAROL, 5, 0, order_type=4, time_in_force=2, trigger_price_ticks=95)
    market = floor.state.markets[MARKET - 1]
    before = (market.last_price_ticks, market.reference_price_ticks, market.last_trade_ns, floor.bids, floor.asks)
    result = floor.act(block(price_ticks=91))
    market = floor.state.markets[MARKET - 1]
    after = (market.last_price_ticks, market.reference_price_ticks, market.last_trade_ns, floor.bids, floor.asks)
    assert (after, result.of(TradeExecuted)) == (before, [])


def test_seller_may_ask_and_then_pays_the_taker_s_rate(floor: Floor) -> None:
    quote, base = floor.act(block(side=Side.sell)).of(BlockLegSettled)
    assert (quote.from_account_id, quote.fee_minor, base.from_account_id, base.fee_minor) == (BOB, 200, ALICE, 1)


@pytest.mark.parametrize(
    ("fields", "code", "expected", "found"),
    [
        ({"price_ticks": 0}, RejectCode.price_missing, 1, 0),
        ({"quantity_lots": 0}, RejectCode.quantity_missing, 1, 0),
        ({"price_ticks": 111}, RejectCode.price_outside_collar, 110, 111),
        ({"price_ticks": 89}, RejectCode.price_outside_collar, 90, 89),
        ({"quantity_lots": 10_001}, RejectCode.insufficient_balance, 1_000_100, MILLION),
        ({"consent_hash": bytes(32)}, RejectCode.evidence_missing, 1, 0),
        ({"market_id": 9}, RejectCode.market_unknown, 1, 9),
        ({"counterparty_account_id": 99}, RejectCode.account_unknown, 4, 99),
    ],
)
def test_block_out_of_bounds_is_refused_and_moves_nothing(
    floor: Floor, fields: dict[str, int | bytes], code: RejectCode, expected: int, found: int
) -> None:
    refused = floor.do(block(**fields))
    assert refused.reject_code == code
    assert (refused[0].expected, refused[0].found) == (expected, found)
    assert (floor.balance(ALICE, USD), floor.balance(BOB, BTC)) == ((MILLION, 0), (MILLION, 0))


def test_consent_counts_once(floor: Floor) -> None:
    floor.act(block())
    assert floor.do(block()).reject_code == RejectCode.evidence_already_used
    floor.act(block(consent_hash=b"\xc1" * 32))


def test_seller_without_the_assets_is_refused_although_the_buyer_has_the_money(floor: Floor) -> None:
    floor.sell(BOB, MILLION - 49, 110)
    refused = floor.do(block())
    assert refused.reject_code == RejectCode.insufficient_balance
    assert (refused[0].expected, refused[0].found) == (50, 49)


def test_frozen_party_and_suspended_asset_trade_no_block(floor: Floor) -> None:
    frozen = SetAccountState(AccountState.frozen, account_id=BOB, decision_hash=HASH)
    floor.act(frozen)
    assert floor.do(block()).reject_code == RejectCode.account_not_active
    floor.act(SetAccountState(AccountState.active, account_id=BOB, decision_hash=HASH))
    floor.act(SuspendAsset(asset_id=BTC, decision_hash=HASH))
    assert floor.do(block()).reject_code in (RejectCode.asset_not_admitted, RejectCode.market_not_open)


def test_purchase_in_a_block_counts_towards_the_month_s_limit(floor: Floor) -> None:
    terms = (LimitKind.purchases, LimitScope.everybody, LimitPeriod.month, ClientClass.retail)
    limit = SetLimit(*terms, limit_asset_id=USD, amount_max_minor=8_000, rulebook_hash=HASH)
    floor.act(limit)
    floor.act(block())
    refused = floor.do(block(consent_hash=b"\xc1" * 32))
    assert refused.reject_code == RejectCode.limit_reached
    assert (refused[0].expected, refused[0].found) == (3_000, 5_000)


def test_block_is_busted_like_any_trade(floor: Floor) -> None:
    before = [floor.balance(account, asset) for account in (ALICE, BOB) for asset in (BTC, USD)]
    seq = floor.act(block()).one(BlockTradeExecuted).seq
    floor.act(BustTrade(trade_seq=seq, decision_hash=HASH))
    assert [floor.balance(account, asset) for account in (ALICE, BOB) for asset in (BTC, USD)] == before


def test_block_after_an_auction_that_its_command_ended_has_a_number_of_its_own(floor: Floor) -> None:
    """(seq, trade_index) names a trade: the command's time ends the auction first, whose one trade is number 0."""
    floor.to(MarketState.auction, leads_to=MarketState.continuous, auction_end_ns=floor.now + 1_000_000)
    floor.buy(CAROL, 5, 100)
    floor.sell(BOB, 5, 100)
    before = [floor.balance(account, USD) for account in (ALICE, BOB, CAROL)]
    floor.now += 2_000_000
    result = floor.act(block())
    auction, traded = result.one(TradeExecuted), result.one(BlockTradeExecuted)
    assert (auction.seq, auction.trade_index) == (traded.seq, 0)
    assert traded.trade_index == 1
    venue = type(floor.venue).restore(floor.venue.snapshot())
    assert venue.state_digest() == floor.venue.state_digest()
    floor.act(BustTrade(trade_index=1, trade_seq=traded.seq, decision_hash=HASH))
    # Carol bought 5 lots at 100 from Bob, who paid the auction's fee for both sides' order: 2 % of 500.
    assert [floor.balance(account, USD) for account in (ALICE, CAROL)] == [before[0], (before[2][0], 0)]
    assert floor.balance(BOB, USD) == (before[1][0] + 490, 0)


def test_block_survives_a_snapshot(floor: Floor) -> None:
    floor.act(block())
    venue = type(floor.venue).restore(floor.venue.snapshot())
    assert venue.state_digest() == floor.venue.state_digest()
