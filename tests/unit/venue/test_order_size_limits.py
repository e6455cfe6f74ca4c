"""Limits on a single order of a class, an owner or an account, beside the market's; and on a single withdrawal."""

from __future__ import annotations

import pytest

from tarazy.domain.records import ClientClass, OrderType, SetLimit, WithdrawalRequested
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.book import BUY, SELL

from ...floor import ALICE, BOB, BTC, USD, Floor
from .limiting import (
    ACCOUNT,
    EACH,
    EVERYBODY,
    MONTH,
    ORDER_QUANTITY,
    ORDER_VALUE,
    OWNER,
    WITHDRAWALS,
    is_refused,
    limit,
    rate,
    status,
    withdraw,
)

REACHED = RejectCode.limit_reached


def test_largest_quantity_of_an_account_binds_every_form_of_an_order(floor: Floor) -> None:
    market = floor.market(lot=10)
    terms = {"market_id": market}
    limit(floor, 1_000, ORDER_QUANTITY, ACCOUNT, EACH, subject=ALICE, asset=BTC)
    assert is_refused(floor.sell(ALICE, 101, 100, **terms), REACHED, 1_000, 1_010)
    order_id = floor.sell(ALICE, 100, 100, **terms).order_id
    assert is_refused(floor.amend(ALICE, order_id, 101, market=market), REACHED, 1_000, 1_010)
    stop = {"order_type": OrderType.stop_loss, "trigger_price_ticks": 90, **terms}
    assert is_refused(floor.sell(ALICE, 101, **stop), REACHED, 1_000, 1_010)
    assert floor.sell(BOB, 101, 100, **terms).order_id


def test_cash_order_counts_its_lots_at_the_reference_price(floor: Floor) -> None:
    limit(floor, 10, ORDER_QUANTITY, ACCOUNT, EACH, subject=ALICE, asset=BTC)
    unknown = floor.buy(ALICE, 0, cash_order_quantity_minor=5)
    assert is_refused(unknown, REACHED, 10, (1 << 64) - 1), "no reference price yet"
    floor.sell(BOB, 50, 100)
    floor.buy(3, 1, 100)
    assert is_refused(floor.buy(ALICE, 0, cash_order_quantity_minor=1_001), REACHED, 10, 11)
    assert floor.buy(ALICE, 0, cash_order_quantity_minor=1_000).fills


def test_largest_value_of_a_class_is_valued_by_the_rate(floor: Floor) -> None:
    rate(floor, USD, 3, 2)
    limit(floor, 900, ORDER_VALUE, EVERYBODY, EACH, client_class=ClientClass.retail)
    assert is_refused(floor.buy(ALICE, 7, 86), REACHED, 900, 903)
    assert floor.buy(ALICE, 6, 100).order_id
    status(floor, 1_001, client_class=ClientClass.professional)
    assert floor.buy(ALICE, 700, 100).order_id


def test_order_without_any_price_is_too_large_for_a_limit_on_value(floor: Floor) -> None:
    limit(floor, 900, ORDER_VALUE, OWNER, EACH, subject=1_001, asset=USD)
    assert is_refused(floor.sell(ALICE, 1), REACHED, 900, (1 << 128) - 1)


def test_largest_single_withdrawal_counts_nothing(floor: Floor) -> None:
    limit(floor, 100, WITHDRAWALS, ACCOUNT, EACH, subject=ALICE, asset=USD)
    for _ in range(3):
        assert withdraw(floor, ALICE, USD, 100).one(WithdrawalRequested)
    assert is_refused(withdraw(floor, ALICE, USD, 101), REACHED, 100, 101)
    assert floor.state.counters == {}


@pytest.mark.parametrize(
    ("kind", "period", "asset", "expected", "found"),
    [
        (ORDER_VALUE, MONTH, USD, EACH, MONTH),
        (1, EACH, USD, MONTH, EACH),
        (2, EACH, 0, MONTH, EACH),
        (ORDER_QUANTITY, EACH, 0, 1, 0),
    ],
)
def test_period_that_a_kind_does_not_take_is_refused(
    floor: Floor, kind: int, period: int, asset: int, expected: int, found: int
) -> None:
    command = SetLimit(kind, OWNER, period, limit_asset_id=asset, limit_subject=1_001, rulebook_hash=floor.new_hash())
    assert is_refused(floor.do(command), RejectCode.limit_invalid, expected, found)


def test_market_order_without_a_reference_price_is_bound_by_a_tick_for_each_lot(floor: Floor) -> None:
    # 101 lots are worth 101 at the lowest price there is; the market takes orders of up to 100.
    market = floor.market(notional_max_minor=100)
    for side in (BUY, SELL):
        refused = floor.order(side, ALICE, 101, market_id=market)
        assert is_refused(refused, RejectCode.notional_too_large, 100, 101)
        assert floor.order(side, ALICE, 100, market_id=market).order_id
