"""Self-trade prevention by owner, in continuous trading and in auctions: four modes each."""

from __future__ import annotations

import pytest

from tarazy.domain.records import (
    CancelReason,
    MarketState,
    OrderCanceled,
    OrderReduced,
    SelfTradePrevention,
    TradeExecuted,
)

from ...floor import ALICE, BOB, BTC, CAROL, MILLION, USD, Floor, Lots

TAKER, MAKER, BOTH, DECREMENT = SelfTradePrevention
OWNER = 1_001  # of ALICE


@pytest.fixture
def twin(floor: Floor) -> int:
    """Return a second account of Alice's owner."""
    return floor.account(owner=OWNER, btc=MILLION, usd=MILLION)


def canceled_ids(events: list[object]) -> list[int]:
    """Return the orders that self-trade prevention canceled."""
    found = [event for event in events if isinstance(event, OrderCanceled)]
    assert {event.cancel_reason for event in found} <= {CancelReason.self_trade_prevention}
    return [event.order_id for event in found]


def test_expire_taker_cancels_the_incoming_order(floor: Floor, twin: int) -> None:
    ask = floor.sell(ALICE, 5, 100).order_id
    placed = floor.buy(twin, 5, 100, self_trade_prevention=TAKER)
    assert canceled_ids(placed) == [placed.order_id]
    assert floor.asks == [Lots(ask, 100, 5)]
    assert floor.balance(twin, USD) == (MILLION, 0)


def test_expire_taker_keeps_what_it_traded_before(floor: Floor, twin: int) -> None:
    other = floor.sell(BOB, 2, 100).order_id
    floor.sell(ALICE, 5, 100)
    behind = floor.sell(CAROL, 5, 100).order_id
    placed = floor.buy(twin, 10, 100, self_trade_prevention=TAKER)
    assert placed.fills == [Lots(other, 100, 2)]
    assert placed.one(OrderCanceled).leaves_lots == 8
    assert behind in [order.order_id for order in floor.asks]


def test_expire_maker_cancels_the_resting_order_and_goes_on(floor: Floor, twin: int) -> None:
    own = floor.sell(ALICE, 5, 100).order_id
    other = floor.sell(BOB, 5, 100).order_id
    placed = floor.buy(twin, 5, 100, self_trade_prevention=MAKER)
    assert canceled_ids(placed) == [own]
    assert placed.fills == [Lots(other, 100, 5)]
    assert floor.balance(ALICE, BTC) == (MILLION, 0)


def test_expire_both_cancels_both(floor: Floor, twin: int) -> None:
    own = floor.sell(ALICE, 5, 100).order_id
    other = floor.sell(BOB, 5, 100).order_id
    placed = floor.buy(twin, 5, 100, self_trade_prevention=BOTH)
    assert canceled_ids(placed) == [own, placed.order_id]
    assert floor.asks == [Lots(other, 100, 5)]
    assert floor.bids == []


def test_decrement_takes_the_smaller_quantity_off_both(floor: Floor, twin: int) -> None:
    own = floor.sell(ALICE, 3, 100).order_id
    placed = floor.buy(twin, 5, 100, self_trade_prevention=DECREMENT)
    assert placed.fills == []
    reduced = [(e.order_id, e.reduced_lots, e.leaves_lots, e.released_minor) for e in placed.of(OrderReduced)]
    assert reduced == [(own, 3, 0, 3), (placed.order_id, 3, 2, 300)]
    assert floor.bids == [Lots(placed.order_id, 100, 2)]
    assert floor.balance(ALICE, BTC) == (MILLION, 0)
    assert floor.balance(twin, USD) == (MILLION - 200, 200)


def test_decrement_of_a_larger_maker_keeps_its_place(floor: Floor, twin: int) -> None:
    own = floor.sell(ALICE, 8, 100).order_id
    other = floor.sell(BOB, 5, 100).order_id
    floor.buy(twin, 5, 100, self_trade_prevention=DECREMENT)
    assert floor.asks == [Lots(own, 100, 3), Lots(other, 100, 5)]
    assert floor.bids == []


def test_mode_of_the_incoming_order_decides(floor: Floor, twin: int) -> None:
    own = floor.sell(ALICE, 5, 100, self_trade_prevention=MAKER).order_id
    placed = floor.buy(twin, 5, 100, self_trade_prevention=TAKER)
    assert canceled_ids(placed) == [placed.order_id]
    assert floor.asks == [Lots(own, 100, 5)]


def test_same_account_is_the_same_owner(floor: Floor) -> None:
    floor.sell(ALICE, 5, 100)
    assert floor.buy(ALICE, 5, 100).fills == []


def test_other_owners_trade(floor: Floor) -> None:
    floor.sell(ALICE, 5, 100)
    assert len(floor.buy(BOB, 5, 100).fills) == 1


def test_market_cash_buy_that_decrements_spends_the_reduced_amount(floor: Floor, twin: int) -> None:
    floor.sell(ALICE, 2, 100)
    other = floor.sell(BOB, 9, 100).order_id
    placed = floor.buy(twin, 0, cash_order_quantity_minor=500, self_trade_prevention=DECREMENT)
    assert placed.fills == [Lots(other, 100, 3)]
    assert floor.balance(twin, USD) == (MILLION - 300, 0)


def enter_call_phase(floor: Floor, later: int, mode: int) -> tuple[int, int, int]:
    """Enter a call phase: Alice sells 5, Bob sells 5 behind her, her owner's other account buys 5 with a mode."""
    floor.to(MarketState.auction)
    own = floor.sell(ALICE, 5, 100).order_id
    other = floor.sell(BOB, 5, 100).order_id
    bid = floor.buy(later, 5, 100, self_trade_prevention=mode).order_id
    return own, other, bid


def test_auction_with_expire_taker_cancels_the_later_order(floor: Floor, twin: int) -> None:
    own, other, bid = enter_call_phase(floor, twin, TAKER)
    opened = floor.to(MarketState.continuous)
    assert canceled_ids(opened) == [bid]
    assert floor.asks == [Lots(own, 100, 5), Lots(other, 100, 5)]


def test_auction_with_expire_maker_cancels_the_earlier_order_and_goes_on(floor: Floor, twin: int) -> None:
    own, other, bid = enter_call_phase(floor, twin, MAKER)
    opened = floor.to(MarketState.continuous)
    assert canceled_ids(opened) == [own]
    trade = opened.one(TradeExecuted)
    assert (trade.maker_order_id, trade.taker_order_id, trade.quantity_lots) == (other, bid, 5)


def test_auction_with_expire_both_cancels_both(floor: Floor, twin: int) -> None:
    own, other, bid = enter_call_phase(floor, twin, BOTH)
    assert canceled_ids(floor.to(MarketState.continuous)) == [own, bid]
    assert floor.asks == [Lots(other, 100, 5)]


def test_auction_with_decrement_reduces_both(floor: Floor, twin: int) -> None:
    own, other, bid = enter_call_phase(floor, twin, DECREMENT)
    opened = floor.to(MarketState.continuous)
    assert [(e.order_id, e.leaves_lots) for e in opened.of(OrderReduced)] == [(own, 0), (bid, 0)]
    assert floor.asks == [Lots(other, 100, 5)]
    assert floor.balance(twin, USD) == (MILLION, 0)


def test_auction_goes_on_with_what_self_trade_prevention_leaves_crossed(floor: Floor, twin: int) -> None:
    floor.to(MarketState.auction)
    floor.sell(ALICE, 10, 100)
    other = floor.sell(BOB, 3, 102).order_id
    bid = floor.buy(twin, 10, 103, self_trade_prevention=MAKER).order_id
    trade = floor.to(MarketState.continuous).one(TradeExecuted)
    assert (trade.maker_order_id, trade.taker_order_id, trade.quantity_lots) == (other, bid, 3)


def test_poor_buyer_by_lots_is_reduced_at_once_and_not_lot_by_lot(floor: Floor) -> None:
    """It can pay for one lot; its owner's order rests with 2^39. Lot by lot, one command would take hours."""
    rich, poor = floor.account(owner=99, btc=1 << 39), floor.account(owner=99, usd=1)
    floor.sell(rich, 1 << 39, 1)
    result = floor.buy(poor, 1 << 40, self_trade_prevention=SelfTradePrevention.decrement)
    assert result.kinds == ["OrderAccepted", "OrderReduced", "OrderReduced", "OrderCanceled"]
    assert [event.reduced_lots for event in result.of(OrderReduced)] == [1 << 39, 1 << 39]
    assert floor.balance(rich, BTC) == (1 << 39, 0)
    assert floor.balance(poor, USD) == (1, 0)
