"""Reference data: assets on their way through admission, markets and their states, parameters."""

from __future__ import annotations

import pytest

from tarazy.domain.records import (
    AdmitAsset,
    AssetStatus,
    AssetStatusChanged,
    CancelReason,
    MarketReason,
    MarketState,
    MarketStateChanged,
    OrderCanceled,
    RemoveAsset,
    RequestWithdrawal,
    SetMarketState,
    SuspendAsset,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, CAROL, MILLION, SECOND_NS, USD, Floor

CLOSED, PRE_OPEN, AUCTION, CONTINUOUS, HALTED = MarketState


def suspend(floor: Floor, asset: int = BTC) -> list[object]:
    """Suspend an asset."""
    return floor.act(SuspendAsset(asset_id=asset, decision_hash=floor.new_hash()))


def remove(floor: Floor, asset: int = BTC) -> list[object]:
    """Remove an asset."""
    return floor.act(RemoveAsset(asset_id=asset, decision_hash=floor.new_hash()))


def admit(floor: Floor, asset: int = BTC) -> list[object]:
    """Admit an asset."""
    return floor.act(AdmitAsset(asset_id=asset, decision_hash=floor.new_hash()))


def test_registered_asset_does_not_trade(floor: Floor) -> None:
    asset = floor.asset("ETH", 18, admitted=False)
    market = floor.market(base=asset, open_it=False)
    refused = floor.do(SetMarketState(CONTINUOUS, market_id=market, reference_price_ticks=100))
    assert refused.reject_code == RejectCode.asset_not_admitted
    admit(floor, asset)
    floor.to(CONTINUOUS, market=market, reference_price_ticks=100)


def test_suspension_halts_every_market_of_the_asset_and_keeps_the_orders(floor: Floor) -> None:
    as_quote = floor.market(base=USD, quote=BTC)
    other = floor.market(base=floor.asset("ETH"), quote=USD)
    floor.buy(ALICE, 5, 100)
    changed = [event for event in suspend(floor) if isinstance(event, MarketStateChanged)]
    assert [(event.market_id, event.market_state) for event in changed] == [(1, HALTED), (as_quote, HALTED)]
    assert {event.market_reason for event in changed} == {MarketReason.asset_status}
    assert floor.market_state(other) == CONTINUOUS
    assert len(floor.bids) == 1
    assert floor.buy(ALICE, 5, 100).reject_code == RejectCode.asset_not_admitted


def test_suspended_asset_can_still_be_withdrawn_and_orders_canceled(floor: Floor) -> None:
    bid = floor.buy(ALICE, 5, 100).order_id
    suspend(floor)
    assert floor.cancel(ALICE, bid).kinds == ["OrderCanceled"]
    assert floor.do(RequestWithdrawal(0, ALICE, BTC, 5, floor.new_hash())).kinds == ["WithdrawalRequested"]


def test_suspension_ends_a_timed_auction_without_an_uncross(floor: Floor) -> None:
    floor.to(AUCTION, auction_end_ns=floor.now + SECOND_NS)
    floor.buy(ALICE, 5, 105)
    floor.sell(BOB, 5, 100)
    suspend(floor)
    assert floor.wait(2 * SECOND_NS) == []
    assert floor.market_state() == HALTED


def test_readmitted_asset_reopens_only_through_an_auction(floor: Floor) -> None:
    suspend(floor)
    refused = floor.do(SetMarketState(AUCTION, CONTINUOUS, 0, 1))
    assert refused.reject_code == RejectCode.asset_not_admitted
    admit(floor)
    assert floor.market_state() == HALTED
    refused = floor.do(SetMarketState(CONTINUOUS, 0, 0, 1))
    assert refused.reject_code == RejectCode.market_state_not_reachable
    floor.to(AUCTION)
    floor.now += 1_000_000_000
    floor.to(CONTINUOUS)
    assert floor.buy(ALICE, 5, 100).kinds == ["OrderAccepted"]


def test_removal_cancels_the_orders_and_closes_the_markets_for_good(floor: Floor) -> None:
    bid = floor.buy(ALICE, 5, 100).order_id
    ask = floor.sell(BOB, 5, 110).order_id
    result = remove(floor)
    canceled = [event for event in result if isinstance(event, OrderCanceled)]
    assert [(event.order_id, event.cancel_reason) for event in canceled] == [
        (bid, CancelReason.asset_status),
        (ask, CancelReason.asset_status),
    ]
    assert floor.market_state() == CLOSED
    assert floor.balance(ALICE, USD) == (MILLION, 0)
    refused = floor.do(AdmitAsset(0, BTC, floor.new_hash()))
    assert refused.reject_code == RejectCode.asset_status_not_reachable


def test_removed_asset_can_still_be_withdrawn(floor: Floor) -> None:
    remove(floor)
    assert floor.do(RequestWithdrawal(0, CAROL, BTC, 5, floor.new_hash())).kinds == ["WithdrawalRequested"]


def test_status_says_where_the_asset_stands(floor: Floor) -> None:
    statuses = [
        event.asset_status
        for act in (suspend, admit, suspend, remove)
        for event in act(floor)
        if isinstance(event, AssetStatusChanged)
    ]
    assert statuses == [AssetStatus.suspended, AssetStatus.admitted, AssetStatus.suspended, AssetStatus.removed]


REACHABLE = {
    CLOSED: {PRE_OPEN, AUCTION, CONTINUOUS},
    PRE_OPEN: {AUCTION, CONTINUOUS, HALTED, CLOSED},
    AUCTION: {CONTINUOUS, HALTED, CLOSED},
    CONTINUOUS: {AUCTION, HALTED, CLOSED},
    HALTED: {PRE_OPEN, AUCTION, CLOSED},
}
WAY = {
    CLOSED: [],
    PRE_OPEN: [PRE_OPEN],
    AUCTION: [AUCTION],
    CONTINUOUS: [CONTINUOUS],
    HALTED: [CONTINUOUS, HALTED],
}


@pytest.mark.parametrize("before", MarketState)
@pytest.mark.parametrize("after", MarketState)
def test_market_goes_only_where_it_can(empty: Floor, before: MarketState, after: MarketState) -> None:
    empty.asset("BTC")
    empty.asset("USD")
    empty.market(open_it=False)
    for state in WAY[before]:
        empty.to(state, reference_price_ticks=100)
    empty.now += 1_000_000_000
    leads_to = CONTINUOUS if after == AUCTION else 0
    result = empty.do(SetMarketState(after, leads_to, market_id=1, reference_price_ticks=100))
    if after in REACHABLE[before]:
        changed = result.one(MarketStateChanged)
        assert (changed.from_market_state, changed.market_state) == (before, after)
        assert changed.market_reason == MarketReason.operator
    else:
        assert result.reject_code == RejectCode.market_state_not_reachable


@pytest.mark.parametrize("state", [CLOSED, HALTED])
def test_market_that_is_not_open_takes_no_order(floor: Floor, state: int) -> None:
    floor.to(state)
    assert floor.buy(ALICE, 5, 100).reject_code == RejectCode.market_not_open


def test_new_rules_do_not_touch_resting_orders(floor: Floor) -> None:
    bid = floor.buy(ALICE, 500, 100).order_id
    floor.rules(quantity_max_lots=10)
    assert floor.bids[0].order_id == bid
    assert floor.buy(ALICE, 11, 100).reject_code == RejectCode.quantity_too_large
    assert len(floor.sell(BOB, 10, 100).fills) == 1
