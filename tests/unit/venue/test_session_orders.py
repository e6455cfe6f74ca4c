"""Orders whose time in force ends with a session.

FIX 59: 0 = day, the order expires at the end of the trading day; 2 = at the opening, 7 = at the close: it takes part in
that auction and in nothing else. Xetra's market model has the same two restrictions (opening auction only, closing
auction only); what does not execute there is deleted.
"""

from __future__ import annotations

import pytest

from tarazy.domain.records import (
    AdvanceTime,
    AuctionUncrossed,
    CancelReason,
    MarketState,
    OrderAccepted,
    OrderCanceled,
    OrderJoined,
    OrderType,
    ParameterTable,
    SetParameter,
    TimeInForce,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, CAROL, MILLION, USD, Floor, Lots, Result

DAY, OPENING, CLOSE = TimeInForce.day, TimeInForce.at_the_opening, TimeInForce.at_the_close
CLOSED, PRE_OPEN, AUCTION, CONTINUOUS, HALTED = MarketState
HOUR = 3_600_000_000_000
MARKET_ORDER = {"order_type": OrderType.market}


def closing(floor: Floor) -> None:
    """Begin the closing auction."""
    floor.to(AUCTION, leads_to=CLOSED)


def expired(result: Result) -> list[tuple[int, int]]:
    """Return number and lots of the orders that expired."""
    events = result.of(OrderCanceled)
    return [(e.order_id, e.leaves_lots) for e in events if e.cancel_reason == CancelReason.expired]


# ---------------------------------------------------------------- day
def test_day_order_leaves_when_the_market_closes_and_a_lasting_one_stays(floor: Floor) -> None:
    day = floor.buy(ALICE, 5, 100, time_in_force=DAY).order_id
    stays = floor.buy(BOB, 5, 99).order_id
    assert expired(floor.to(CLOSED)) == [(day, 5)]
    assert floor.balance(ALICE, USD) == (MILLION, 0)
    assert [bid.order_id for bid in floor.bids] == [stays]


def test_day_order_takes_part_in_the_closing_auction_and_leaves_after_it(floor: Floor) -> None:
    day = floor.buy(ALICE, 5, 100, time_in_force=DAY).order_id
    closing(floor)
    floor.sell(BOB, 2, 100)
    closed = floor.to(CLOSED)
    assert closed.one(AuctionUncrossed).volume_lots == 2
    assert expired(closed) == [(day, 3)]


def test_day_order_outlives_a_halt(floor: Floor) -> None:
    floor.buy(ALICE, 5, 100, time_in_force=DAY)
    assert floor.to(HALTED).of(OrderCanceled) == []


@pytest.mark.parametrize(("stated", "ahead"), [(0, 0), (1740, 5)])
def test_day_order_of_a_market_that_never_closes_leaves_at_local_midnight(
    floor: Floor, stated: int, ahead: int
) -> None:
    """UTC+5 is stated as 5 * 60 + 1440 = 1740; its midnight is 19:00 UTC."""
    table = ParameterTable.time_zone_offset_minutes
    floor.act(SetParameter(table, parameter_value=stated, rulebook_hash=b"\1" * 32))
    midnight = -(-(floor.now + ahead * HOUR + 1) // (24 * HOUR)) * 24 * HOUR - ahead * HOUR
    day = floor.buy(ALICE, 5, 100, time_in_force=DAY).order_id
    floor.now = midnight - 1
    assert floor.do(AdvanceTime(0)).of(OrderCanceled) == []
    floor.now = midnight
    assert expired(floor.do(AdvanceTime(0))) == [(day, 5)]


def test_day_stop_leaves_untriggered_at_the_close(floor: Floor) -> None:
    stop = {"order_type": OrderType.stop_loss_limit, "trigger_price_ticks": 90, "time_in_force": DAY}
    number = floor.sell(ALICE, 5, 80, **stop).order_id
    assert expired(floor.to(CLOSED)) == [(number, 5)]


def test_day_order_takes_no_expiry_of_its_own(floor: Floor) -> None:
    refused = floor.buy(ALICE, 5, 100, time_in_force=DAY, expire_ns=floor.now + 5)
    assert refused.reject_code == RejectCode.expiry_invalid


# ---------------------------------------------------------------- at the close
def test_order_at_the_close_waits_outside_the_book_with_its_hold_and_joins_the_closing_auction(floor: Floor) -> None:
    number = floor.buy(ALICE, 5, 100, time_in_force=CLOSE).order_id
    assert floor.bids == []
    assert floor.balance(ALICE, USD) == (MILLION - 500, 500)
    assert floor.sell(BOB, 2, 100).fills == []
    joined = floor.to(AUCTION, leads_to=CLOSED)
    assert (joined.one(OrderJoined).order_id, joined.one(OrderJoined).price_ticks) == (number, 100)
    closed = floor.to(CLOSED)
    assert [(fill.order_id, fill.lots) for fill in closed.fills]
    assert expired(closed) == [(number, 3)]
    assert floor.balance(ALICE, USD) == (MILLION - 200, 0)
    assert floor.balance(ALICE, BTC) == (MILLION + 2, 0)


def test_order_at_the_close_lets_an_opening_auction_pass(floor: Floor) -> None:
    floor.buy(ALICE, 5, 100, time_in_force=CLOSE)
    assert floor.to(AUCTION).of(OrderJoined) == []
    assert floor.to(CONTINUOUS).of(OrderCanceled) == []


def test_order_at_the_close_leaves_when_the_market_closes_without_an_auction(floor: Floor) -> None:
    number = floor.buy(ALICE, 5, 100, time_in_force=CLOSE).order_id
    assert expired(floor.to(CLOSED)) == [(number, 5)]


def test_order_at_the_close_leaves_when_its_auction_is_halted(floor: Floor) -> None:
    number = floor.buy(ALICE, 5, 100, time_in_force=CLOSE).order_id
    closing(floor)
    assert expired(floor.to(HALTED)) == [(number, 5)]


def test_market_orders_at_the_close_trade_at_the_one_price_and_the_rest_leaves(floor: Floor) -> None:
    floor.print_at(100)
    floor.sell(CAROL, 5, 100)
    buy = floor.buy(ALICE, 9, time_in_force=CLOSE, **MARKET_ORDER)
    assert buy.one(OrderAccepted).held_minor == floor.balance(ALICE, USD)[1] > 0
    closing(floor)
    closed = floor.to(CLOSED)
    assert closed.one(AuctionUncrossed).volume_lots == 5
    left = closed.one(OrderCanceled)
    assert (left.order_id, left.leaves_lots, left.cancel_reason) == (buy.order_id, 4, CancelReason.no_liquidity)
    assert floor.balance(ALICE, USD)[1] == 0


def test_order_at_the_close_that_comes_in_during_the_auction_enters_at_once(floor: Floor) -> None:
    closing(floor)
    number = floor.buy(ALICE, 5, 100, time_in_force=CLOSE).order_id
    assert floor.bids == [Lots(number, 100, 5)]


# ---------------------------------------------------------------- at the opening
def test_order_at_the_opening_waits_for_the_next_opening_even_over_a_close(floor: Floor) -> None:
    number = floor.sell(ALICE, 5, 100, time_in_force=OPENING).order_id
    floor.to(CLOSED)
    joined = floor.to(PRE_OPEN)
    assert joined.one(OrderJoined).order_id == number
    floor.buy(BOB, 2, 100)
    opened = floor.to(CONTINUOUS)
    assert opened.one(AuctionUncrossed).volume_lots == 2
    assert expired(opened) == [(number, 3)]
    assert floor.asks == []


def test_order_at_the_opening_lets_a_closing_auction_pass(floor: Floor) -> None:
    floor.sell(ALICE, 5, 100, time_in_force=OPENING)
    assert floor.to(AUCTION, leads_to=CLOSED).of(OrderJoined) == []
    assert floor.to(CLOSED).of(OrderCanceled) == []
    assert floor.balance(ALICE, BTC) == (MILLION - 5, 5)


def test_order_at_the_opening_joins_the_auction_after_a_volatility_interruption(floor: Floor) -> None:
    """The call phase that reopens the market leads to continuous trading, and is an opening as well."""
    floor.rules(corridor_ppm=100_000)
    floor.buy(ALICE, 1, 100)
    floor.sell(BOB, 1, 100)
    number = floor.sell(CAROL, 5, 120, time_in_force=OPENING).order_id
    floor.sell(BOB, 1, 120)
    halted = floor.buy(ALICE, 1, 120)
    assert floor.market_state() == AUCTION
    assert halted.one(OrderJoined).order_id == number


def test_limit_that_lies_outside_the_collar_by_then_leaves(floor: Floor) -> None:
    number = floor.buy(ALICE, 5, 100, time_in_force=OPENING).order_id
    floor.rules(collar_ppm=100_000)
    floor.to(HALTED)
    left = floor.to(PRE_OPEN, reference_price_ticks=50).one(OrderCanceled)
    assert (left.order_id, left.cancel_reason) == (number, CancelReason.collar)
    assert floor.balance(ALICE, USD) == (MILLION, 0)


def test_untriggered_orders_go_on_from_a_snapshot_and_can_be_canceled(floor: Floor) -> None:
    first = floor.buy(ALICE, 5, 100, time_in_force=CLOSE, client_order_id=7).order_id
    second = floor.buy(ALICE, 5, 100, time_in_force=OPENING).order_id
    floor.venue = type(floor.venue).restore(floor.venue.snapshot())  # type: ignore[attr-defined]
    assert floor.cancel(ALICE, 0, 7).one(OrderCanceled).order_id == first
    assert floor.cancel_all(ALICE).one(OrderCanceled).order_id == second


@pytest.mark.parametrize(
    "terms",
    [
        {"order_type": OrderType.post_only},
        {"order_type": OrderType.stop_loss_limit, "trigger_price_ticks": 110},
        {"order_type": OrderType.market, "price_ticks": 0, "quantity_lots": 0, "cash_order_quantity_minor": 500},
    ],
)
def test_only_limit_and_market_orders_by_lots_wait_for_an_auction(floor: Floor, terms: dict[str, int]) -> None:
    for time_in_force in (OPENING, CLOSE):
        refused = floor.buy(ALICE, 5, 100, **{"time_in_force": time_in_force, **terms})
        assert refused.reject_code == RejectCode.time_in_force_not_allowed
