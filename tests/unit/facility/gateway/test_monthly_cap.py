"""What is left of a monthly cap, as read models count it, against the engine's own counters and sums by hand.

USD 1,000 a month of deposits and of purchases: AIFC Cooperation Rules 3.1.1 (docs/concepts/limits-over-time.md).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tarazy.domain.records import CustodyLocation, DepositCredited, TradeExecuted
from tarazy.facility.gateway.monthly_cap import in_currencies, month_of, touching, used_minor
from tarazy.facility.gateway.native.lines import LedgerLine, LineCursor, trade_lines

from ....floor import ALICE, BOB, MARKET, USD, Result
from ...venue.limiting import CAP, DEPOSITS, PURCHASES, at, cap, fiat, limit, rate, status, unlimit, used, zone
from ..feeds.playing import Life

ALICE_OWNER, BOB_OWNER = 1_001, 1_002
KZT = 3


@pytest.fixture
def life() -> Life:
    """Return a venue in November 2026, UTC+5, with both caps; a dollar is worth 447.85 tenge. Bob is professional."""
    life = Life()
    floor = life.floor
    at(floor, "2026-11-10T12:00:00")
    zone(floor, 5)
    assert fiat(floor, "KZT") == KZT
    rate(floor, USD)
    rate(floor, KZT, 100, 44_785)
    cap(floor, DEPOSITS)
    cap(floor, PURCHASES)
    status(floor, BOB_OWNER, client_class=2)
    status(floor, ALICE_OWNER)
    return life


def deposited(life: Life, asset: int, amount: int) -> LedgerLine:
    """Deposit for Alice; return the line of what was credited."""
    place = CustodyLocation.bank if asset == KZT else CustodyLocation.hot
    event = life.floor.deposit(ALICE, asset, amount, place).one(DepositCredited)
    cursor = LineCursor(event.seq)
    return LedgerLine(cursor, life.floor.now, "deposit_credited", event.asset_id, event.amount_minor)


def bought(life: Life, lots: int, price: int, *fills: int) -> list[LedgerLine]:
    """Let Alice buy from Bob, in as many trades as there are fills; return the lines of her trades."""
    life.floor.buy(ALICE, lots, price)
    return [line for fill in fills for line in sold(life, fill, price)]


def sold(life: Life, lots: int, price: int) -> list[LedgerLine]:
    """Let Bob sell; return the lines of Alice's trades."""
    result: Result = life.floor.sell(BOB, lots, price)
    lines: list[LedgerLine] = []
    for event in result.of(TradeExecuted):
        row: dict[str, Any] = {
            **event._asdict(),
            "number": event.trade_index,
            "trade_number": 1,
            "ts_ns": life.floor.now,
        }
        lines += trade_lines(life.views.venue, row, ALICE)
    return lines


def counted(life: Life, lines: list[LedgerLine], kind: int) -> int | None:
    """Return what lines of Alice count under the cap of a kind that touches her."""
    (row,) = [each for each in touching(life.views.venue, life.views.limit_terms, ALICE) if each.kind == kind]
    return used_minor(life.views.venue, life.views.limit_terms, [lines], kind, row.since_seq)


def test_deposits_in_two_currencies_count_as_the_engine_counts(life: Life) -> None:
    lines = [deposited(life, USD, 40_000), deposited(life, KZT, 10_000_001)]  # USD 400, and 100,000.01 tenge
    # 10,000,001 * 100 / 44,785 = 22,328.9..., rounded up
    assert counted(life, lines, DEPOSITS) == 40_000 + 22_329 == sum(used(life.floor, DEPOSITS))
    rate(life.floor, KZT, 100, 50_000)
    assert counted(life, lines, DEPOSITS) == 62_329, "what was counted keeps the rate of its day"
    left = in_currencies(life.views.venue, life.views.limit_terms, CAP - 62_329, 1 << 62)
    assert left == [(KZT, 18_835_500)]  # 37,671 cents * 500 tiyn; the floor's dollar is a token, no currency


def test_purchases_count_what_their_orders_paid_at_the_rate_of_the_order(life: Life) -> None:
    lines = bought(life, 300, 100, 100)
    rate(life.floor, USD, 2, 1)  # a later rate changes nothing for an order that stands
    lines += sold(life, 200, 100)
    assert counted(life, lines, PURCHASES) == 30_000 == sum(used(life.floor, PURCHASES))
    lines += bought(life, 10, 100, 10)
    assert counted(life, lines, PURCHASES) == 32_000 == sum(used(life.floor, PURCHASES))
    assert counted(life, [deposited(life, USD, 100)], PURCHASES) == 0


def test_what_came_before_the_cap_counts_nothing_and_what_has_no_rate_is_not_known(life: Life) -> None:
    before = deposited(life, USD, 1_000)
    old = before._replace(cursor=LineCursor(1))
    assert counted(life, [old, before], DEPOSITS) == 1_000
    unknown = before._replace(asset_id=1)  # BTC, of which no rate was stated
    assert counted(life, [before, unknown], DEPOSITS) is None


def test_caps_touch_by_class_residency_and_subject_and_end_when_they_are_removed(life: Life) -> None:
    terms, venue, floor = life.views.limit_terms, life.views.venue, life.floor
    assert [each.kind for each in touching(venue, terms, ALICE)] == [DEPOSITS, PURCHASES]
    assert touching(venue, terms, BOB) == []
    status(floor, ALICE_OWNER, residency=2)
    assert touching(venue, terms, ALICE) == []
    limit(floor, 5_000, DEPOSITS, scope=2, subject=ALICE_OWNER)
    (own,) = touching(venue, terms, ALICE)
    assert (own.most_minor, own.is_exemptible) == (5_000, False)
    first = own.since_seq
    unlimit(floor, DEPOSITS, scope=2, subject=ALICE_OWNER)
    assert touching(venue, terms, ALICE) == []
    limit(floor, 7_000, DEPOSITS, scope=2, subject=ALICE_OWNER)
    assert [(each.most_minor, each.since_seq) for each in touching(venue, terms, ALICE)] == [(7_000, first)]


def test_month_is_that_of_the_venue_s_clock(life: Life) -> None:
    moment = int(datetime(2026, 11, 30, 20, tzinfo=UTC).timestamp()) * 10**9  # 1 December, 01:00 in Almaty
    begin = datetime.fromtimestamp(month_of(life.views.venue, moment).from_ns // 10**9, UTC)
    assert begin == datetime(2026, 11, 30, 19, tzinfo=UTC)
    assert MARKET == 1
