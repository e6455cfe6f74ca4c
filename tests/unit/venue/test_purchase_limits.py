"""Limits on purchases of digital assets: checked with all that open purchases may cost, counted when they trade.

The guidance to Cooperation Rules 3.1.1 counts purchases, its text says deposits: both are counted, apart, and the
stricter decides (rows R38 and R39 of the rule digest; how the two go together was not seen).
"""

from __future__ import annotations

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.records import (
    CancelReason,
    CustodyLocation,
    MarketState,
    OrderAccepted,
    OrderCanceled,
    OrderType,
    SelfTradePrevention,
    TimeInForce,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, DAVE, USD, Floor, Result, open_floor
from .limiting import (
    CAP,
    DEPOSITS,
    OWNER,
    PURCHASES,
    admitted,
    at,
    cap,
    fiat,
    is_refused,
    limit,
    rate,
    status,
    unlimit,
    used,
    zone,
)

# Alice's owner on the usual floor; an amount in cents of one lot at price 100 is 100.
ALICE_OWNER = 1_001
STOP, STOP_LIMIT = OrderType.stop_loss, OrderType.stop_loss_limit


@pytest.fixture
def capped(engine: type[Engine]) -> Floor:
    """Return the usual floor in November 2026, UTC+5, where everybody is capped at CAP of purchases a month."""
    floor = open_floor(engine)
    at(floor, "2026-11-10T12:00:00")
    zone(floor, 5)
    rate(floor, USD)
    cap(floor, PURCHASES)
    status(floor, 1_002, client_class=2)
    return floor


def refused(result: Result, room: int, asked: int) -> bool:
    """Return whether a purchase was refused because the limit leaves too little."""
    return is_refused(result, RejectCode.limit_reached, room, asked)


def test_open_purchases_count_with_all_that_they_may_cost(capped: Floor) -> None:
    first = capped.buy(ALICE, 600, 100).order_id
    assert refused(capped.buy(ALICE, 500, 100), CAP, 110_000)
    assert capped.buy(ALICE, 400, 100).order_id
    assert refused(capped.buy(ALICE, 1, 1), CAP, CAP + 1)
    capped.cancel(ALICE, first)
    assert capped.buy(ALICE, 600, 100).order_id
    assert used(capped, PURCHASES) == []


def test_purchase_counts_when_it_trades(capped: Floor) -> None:
    capped.buy(ALICE, 600, 100)
    capped.sell(BOB, 250, 100)
    assert used(capped, PURCHASES) == [25_000]
    assert refused(capped.buy(ALICE, 401, 100), 75_000, 75_100)
    assert capped.buy(ALICE, 400, 100).order_id


def test_better_price_leaves_more_to_buy(capped: Floor) -> None:
    capped.sell(BOB, 1_000, 60)
    capped.buy(ALICE, 1_000, 100)
    assert used(capped, PURCHASES) == [60_000]
    assert refused(capped.buy(ALICE, 401, 100), 40_000, 40_100)
    assert capped.buy(ALICE, 400, 100).order_id


def test_month_change_frees_purchases_and_open_ones_still_count(capped: Floor) -> None:
    capped.buy(ALICE, 700, 100)
    capped.sell(BOB, 300, 100)
    at(capped, "2026-11-30T19:00:00", -1)
    assert refused(capped.buy(ALICE, 301, 100), 70_000, 70_100)
    at(capped, "2026-11-30T19:00:00")
    assert refused(capped.buy(ALICE, 601, 100), CAP, 100_100)
    assert capped.buy(ALICE, 600, 100).order_id
    capped.sell(BOB, 1_000, 100)
    assert used(capped, PURCHASES) == [30_000, CAP]


def test_deposits_and_purchases_are_counted_apart(capped: Floor) -> None:
    cap(capped)
    assert admitted(capped, ALICE, USD, CAP + 5) == CAP
    assert capped.buy(ALICE, 1_000, 100).order_id
    capped.sell(BOB, 1_000, 100)
    assert used(capped, DEPOSITS) == used(capped, PURCHASES) == [CAP]
    assert admitted(capped, ALICE, USD, 1) == 0
    assert refused(capped.buy(ALICE, 1, 1), 0, 1)


def test_two_accounts_of_one_owner_share_what_is_left(capped: Floor) -> None:
    second = capped.account(owner=ALICE_OWNER, usd=500_000)
    capped.buy(ALICE, 600, 100)
    assert refused(capped.buy(second, 401, 100), CAP, 100_100)
    assert capped.buy(second, 400, 100).order_id


def test_exempt_owner_buys_beyond_the_cap_and_is_counted(capped: Floor) -> None:
    status(capped, ALICE_OWNER, exempt=1)
    capped.buy(ALICE, 3_000, 100)
    capped.sell(BOB, 1_500, 100)
    assert used(capped, PURCHASES) == [150_000]


def test_end_of_an_exemption_cancels_open_purchases_that_do_not_fit(capped: Floor) -> None:
    status(capped, ALICE_OWNER, exempt=1)
    order_id = capped.buy(ALICE, 1_001, 100).order_id
    sell = capped.sell(ALICE, 5, 200).order_id
    gone = status(capped, ALICE_OWNER).one(OrderCanceled)
    assert (gone.order_id, gone.cancel_reason, gone.released_minor) == (order_id, CancelReason.limit, 100_100)
    assert [order.order_id for order in capped.asks] == [sell]


def test_open_purchase_that_fits_stays_when_a_limit_changes(capped: Floor) -> None:
    order_id = capped.buy(ALICE, 500, 100).order_id
    assert not limit(capped, 50_000, PURCHASES, OWNER, subject=ALICE_OWNER).of(OrderCanceled)
    gone = limit(capped, 49_999, PURCHASES, OWNER, subject=ALICE_OWNER).one(OrderCanceled)
    assert gone.order_id == order_id


def test_limit_that_begins_to_touch_an_account_cancels_its_open_purchases(floor: Floor) -> None:
    rate(floor, USD)
    stop = floor.buy(ALICE, 1, trigger_price_ticks=300, order_type=STOP).order_id
    order_id = floor.buy(ALICE, 5, 100).order_id
    floor.sell(ALICE, 5, 200)
    gone = limit(floor, CAP, PURCHASES).of(OrderCanceled)
    assert [(event.order_id, event.cancel_reason) for event in gone] == [
        (stop, CancelReason.limit),
        (order_id, CancelReason.limit),
    ]
    assert floor.buy(ALICE, 5, 100).order_id


def test_selling_is_no_purchase(capped: Floor) -> None:
    assert capped.sell(ALICE, 5_000, 100).order_id
    capped.buy(BOB, 5_000, 100)
    assert used(capped, PURCHASES) == []


def test_cash_order_counts_its_cash_order_quantity(capped: Floor) -> None:
    capped.sell(BOB, 5_000, 100)
    assert refused(capped.buy(ALICE, 0, cash_order_quantity_minor=CAP + 1), CAP, CAP + 1)
    capped.buy(ALICE, 0, cash_order_quantity_minor=99_950)
    assert used(capped, PURCHASES) == [99_900]
    assert capped.buy(ALICE, 1, 100).fills
    assert refused(capped.buy(ALICE, 1, 1), 0, 1)


def test_market_order_by_lots_counts_with_what_it_holds(capped: Floor) -> None:
    capped.sell(BOB, 5_000, 100)
    capped.to(MarketState.halted)
    capped.rules(collar_ppm=100_000)
    capped.to(MarketState.auction)
    capped.now += 1_000_000_000
    capped.to(MarketState.continuous, reference_price_ticks=100)
    # The collar lies at 110: 910 lots may cost 100,100.
    assert refused(capped.buy(ALICE, 910), CAP, 100_100)
    capped.buy(ALICE, 909)
    assert used(capped, PURCHASES) == [90_900]
    assert refused(capped.buy(ALICE, 92, 100), 9_100, 9_200)


def test_stop_order_counts_from_its_acceptance_and_when_it_trades(capped: Floor) -> None:
    terms = {"order_type": STOP_LIMIT, "trigger_price_ticks": 105}
    capped.buy(ALICE, 900, 110, **terms)
    assert refused(capped.buy(ALICE, 11, 100), CAP, 100_100)
    capped.sell(BOB, 1, 105)
    capped.sell(BOB, 900, 106)
    capped.buy(DAVE, 1, 105)
    assert used(capped, PURCHASES)[0] == 900 * 106
    assert refused(capped.buy(ALICE, 100, 100), CAP - 900 * 106, 10_000)


def test_amendment_that_may_cost_more_is_checked(capped: Floor) -> None:
    order_id = capped.buy(ALICE, 600, 100).order_id
    assert refused(capped.amend(ALICE, order_id, 1_001), CAP, 100_100)
    assert refused(capped.amend(ALICE, order_id, 600, 167), CAP, 100_200)
    assert not is_rejected(capped.amend(ALICE, order_id, 1_000))
    assert refused(capped.buy(ALICE, 1, 1), CAP, CAP + 1)
    assert not is_rejected(capped.amend(ALICE, order_id, 300))
    assert capped.buy(ALICE, 700, 100).order_id


def test_amended_order_that_trades_is_counted(capped: Floor) -> None:
    capped.sell(BOB, 500, 120)
    order_id = capped.buy(ALICE, 600, 100).order_id
    assert capped.amend(ALICE, order_id, 600, 120).fills
    assert used(capped, PURCHASES) == [60_000]
    assert refused(capped.buy(ALICE, 281, 100), 40_000, 40_100)


def test_purchase_counts_at_the_rate_of_its_acceptance(capped: Floor) -> None:
    capped.buy(ALICE, 600, 100)
    rate(capped, USD, 2)
    capped.sell(BOB, 500, 100)
    assert used(capped, PURCHASES) == [50_000]
    assert refused(capped.buy(ALICE, 201, 100), 50_000, 10_000 + 40_200)
    assert capped.buy(ALICE, 200, 100).order_id


def test_order_that_grows_is_valued_anew(capped: Floor) -> None:
    order_id = capped.buy(ALICE, 300, 100).order_id
    rate(capped, USD, 2)
    assert refused(capped.amend(ALICE, order_id, 501), CAP, 100_200)
    assert not is_rejected(capped.amend(ALICE, order_id, 500))
    assert refused(capped.buy(ALICE, 1, 1), CAP, CAP + 2)


def test_parts_of_an_order_count_as_their_sum_rounded_up_once(capped: Floor) -> None:
    rate(capped, USD, 1, 3)
    capped.buy(ALICE, 10, 1)
    for _ in range(10):
        capped.sell(BOB, 1, 1)
    assert used(capped, PURCHASES) == [4], "10 / 3 rounded up"


def test_order_that_trades_across_two_months_counts_in_each_what_was_paid_in_it(capped: Floor) -> None:
    """At a third of a cent each: one lot in November is 1/3, counted as 1; one in December 1/3, counted as 1.

    As one sum, 2/3 is 1 in all, and December would count nothing of what was paid in it.
    """
    at(capped, "2026-11-30T12:00:00")
    rate(capped, USD, 1, 3)
    capped.buy(ALICE, 2, 1)
    capped.sell(BOB, 1, 1)
    assert used(capped, PURCHASES) == [1]
    at(capped, "2026-12-01T12:00:00")
    capped.sell(BOB, 1, 1)
    months = {key[1] % 12: used for key, used in capped.state.counters.items() if key[2] == PURCHASES}
    assert months == {10: 1, 11: 1}


def test_parts_of_one_day_are_rounded_up_once_and_each_day_anew(capped: Floor) -> None:
    """Thirds of a cent: 1/3 and 1/3 on one day are 1, 1/3 on the next is 1; the month counts 2, and 1 is paid."""
    rate(capped, USD, 1, 3)
    capped.buy(ALICE, 3, 1)
    for _ in range(2):
        capped.sell(BOB, 1, 1)
    assert used(capped, PURCHASES) == [1]
    at(capped, "2026-11-11T12:00:00")
    capped.venue = capped.engine.restore(capped.venue.snapshot())
    capped.sell(BOB, 1, 1)
    assert used(capped, PURCHASES) == [2]


def test_open_rest_keeps_free_all_that_it_may_count_in_the_next_month(capped: Floor) -> None:
    """One of two lots at half a cent traded in November: CAP - 1 is free in December, not CAP."""
    rate(capped, USD, 1, 2)
    capped.buy(ALICE, 2, 1)
    capped.sell(BOB, 1, 1)
    at(capped, "2026-12-01T12:00:00")
    rate(capped, USD, 1)
    assert refused(capped.buy(ALICE, CAP, 1), CAP, CAP + 1)
    assert capped.buy(ALICE, CAP - 1, 1).order_id


def test_purchase_without_a_rate_is_refused_and_one_under_a_limit_in_its_asset_needs_none(floor: Floor) -> None:
    limit(floor, CAP, PURCHASES, OWNER, subject=ALICE_OWNER)
    assert is_refused(floor.buy(ALICE, 1, 100), RejectCode.rate_missing, USD, 0)
    unlimit(floor, PURCHASES, OWNER, subject=ALICE_OWNER)
    limit(floor, 500, PURCHASES, OWNER, subject=ALICE_OWNER, asset=USD)
    assert floor.buy(ALICE, 5, 100).order_id
    assert refused(floor.buy(ALICE, 1, 1), 500, 501)


def test_sell_of_a_fiat_currency_for_a_digital_asset_is_a_purchase(floor: Floor) -> None:
    eur = fiat(floor, "EUR")
    market = floor.market(base=eur, quote=BTC)
    floor.deposit(ALICE, eur, 10_000, CustodyLocation.bank)
    rate(floor, eur, 108, 100)
    limit(floor, 5_400, PURCHASES, OWNER, subject=ALICE_OWNER)
    assert refused(floor.sell(ALICE, 5_001, 10, market_id=market), 5_400, 5_402)
    assert floor.sell(ALICE, 5_000, 10, market_id=market).order_id
    floor.buy(BOB, 1_000, 10, market_id=market)
    assert used(floor, PURCHASES) == [1_080]


def test_auction_counts_purchases_at_its_price(capped: Floor) -> None:
    capped.to(MarketState.auction)
    capped.buy(ALICE, 1_000, 100)
    capped.sell(BOB, 1_000, 80)
    capped.to(MarketState.continuous, reference_price_ticks=90)
    assert used(capped, PURCHASES) == [90_000]
    assert refused(capped.buy(ALICE, 101, 100), 10_000, 10_100)


def test_canceled_rest_and_prevented_self_trade_free_what_they_kept(capped: Floor) -> None:
    capped.sell(BOB, 100, 100)
    capped.buy(ALICE, 1_000, 100, time_in_force=TimeInForce.ioc)
    assert used(capped, PURCHASES) == [10_000]
    capped.sell(ALICE, 300, 100)
    own = {"self_trade_prevention": SelfTradePrevention.decrement}
    capped.buy(ALICE, 900, 100, **own)
    assert refused(capped.buy(ALICE, 301, 100), 90_000, 90_100)
    assert capped.buy(ALICE, 300, 100).one(OrderAccepted)


def test_venue_goes_on_from_its_snapshot_with_open_purchases(capped: Floor) -> None:
    capped.buy(ALICE, 600, 100)
    rate(capped, USD, 2)
    snapshot = capped.venue.snapshot()
    capped.venue = capped.engine.restore(snapshot)
    assert capped.venue.snapshot() == snapshot
    assert refused(capped.buy(ALICE, 201, 100), CAP, 100_200)
    capped.sell(BOB, 600, 100)
    assert used(capped, PURCHASES) == [60_000]


def is_rejected(result: Result) -> bool:
    """Return whether a command was refused."""
    return result.kinds == ["CommandRejected"]
