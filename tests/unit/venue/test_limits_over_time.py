"""Limits on deposits and withdrawals, by calendar day and month: the monthly cap of resident retail clients first.

Amounts are cents of USD, the reference currency. The cap counts per person and calendar month (Cooperation Rules
3.1.1; its guidance counts purchases: test_purchase_limits); Kazakhstan's time is UTC+5 since 1 March 2024.
"""

from __future__ import annotations

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.records import ClientClass, OpenAccount, RejectWithdrawal, WithdrawalRequested
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, USD, Floor, open_floor
from .limiting import (
    ABROAD,
    ACCOUNT,
    CAP,
    DAY,
    DEPOSITS,
    OWNER,
    RESIDENT,
    WITHDRAWALS,
    admitted,
    at,
    cap,
    is_refused,
    limit,
    rate,
    status,
    unlimit,
    used,
    withdraw,
    zone,
)

AMINA, ERLAN = 501, 502


@pytest.fixture
def kazakh(engine: type[Engine]) -> Floor:
    """Return a floor in November 2026 in UTC+5 with the cap on deposits, USD as reference, and Amina's account 5."""
    floor = open_floor(engine)
    at(floor, "2026-11-10T12:00:00")
    zone(floor, 5)
    rate(floor, USD)
    cap(floor)
    floor.account(owner=AMINA)
    status(floor, AMINA)
    return floor


def test_deposit_over_the_cap_is_admitted_up_to_it(kazakh: Floor) -> None:
    assert admitted(kazakh, 5, USD, 40_000) == 40_000
    assert admitted(kazakh, 5, USD, 100_000) == 60_000
    assert admitted(kazakh, 5, USD, 1) == 0
    assert kazakh.balance(5, USD) == (CAP, 0)
    assert used(kazakh, DEPOSITS) == [CAP]


def test_month_begins_at_local_midnight(kazakh: Floor) -> None:
    assert admitted(kazakh, 5, USD, CAP) == CAP
    at(kazakh, "2026-11-30T19:00:00", -1)
    assert admitted(kazakh, 5, USD, 10) == 0
    at(kazakh, "2026-11-30T19:00:00")
    assert admitted(kazakh, 5, USD, 10) == 10
    assert used(kazakh, DEPOSITS) == [CAP, 10]


@pytest.mark.parametrize(
    ("last", "first"),
    [
        ("2027-02-28T18:59:59", "2027-02-28T19:00:00"),
        ("2028-02-28T19:00:00", "2028-02-29T19:00:00"),
        ("2100-02-28T18:59:59", "2100-02-28T19:00:00"),
        ("2026-12-31T18:59:59", "2026-12-31T19:00:00"),
        ("2500-06-30T18:59:59", "2500-06-30T19:00:00"),
    ],
)
def test_months_end_where_the_calendar_ends_them(kazakh: Floor, last: str, first: str) -> None:
    at(kazakh, last)
    assert admitted(kazakh, 5, USD, CAP + 1) == CAP
    at(kazakh, first, -1)
    assert admitted(kazakh, 5, USD, 1) == 0
    at(kazakh, first)
    assert admitted(kazakh, 5, USD, 1) == 1


def test_two_accounts_of_one_owner_share_the_cap(kazakh: Floor) -> None:
    second = kazakh.account(owner=AMINA)
    assert admitted(kazakh, 5, USD, 70_000) == 70_000
    assert admitted(kazakh, second, USD, 70_000) == 30_000
    other = kazakh.account(owner=ERLAN)
    assert admitted(kazakh, other, USD, 70_000) == 70_000


def test_exemption_lifts_the_cap_and_what_was_deposited_counts_when_it_ends(kazakh: Floor) -> None:
    status(kazakh, AMINA, exempt=1)
    assert admitted(kazakh, 5, USD, 90_000) == 90_000
    status(kazakh, AMINA)
    assert admitted(kazakh, 5, USD, 90_000) == 10_000
    status(kazakh, AMINA, exempt=1)
    assert admitted(kazakh, 5, USD, 500_000) == 500_000


def test_exemption_lifts_only_limits_that_yield_to_it(kazakh: Floor) -> None:
    limit(kazakh, 50_000, scope=OWNER, subject=AMINA)
    status(kazakh, AMINA, exempt=1)
    assert admitted(kazakh, 5, USD, 90_000) == 50_000


def test_eur_deposit_is_valued_by_the_rate_and_rounded_up(kazakh: Floor) -> None:
    eur = kazakh.asset("EUR", 2)
    rate(kazakh, eur, 108, 100)
    # 92,592 * 1.08 = 99,999.36, counted as 100,000; one cent more would be 100,000.44.
    assert admitted(kazakh, 5, eur, 100_000) == 92_592
    assert used(kazakh, DEPOSITS) == [CAP]
    assert admitted(kazakh, 5, USD, 1) == 0


def test_rate_that_changes_within_the_month_values_what_comes_after(kazakh: Floor) -> None:
    eur = kazakh.asset("EUR", 2)
    rate(kazakh, eur, 108, 100)
    assert admitted(kazakh, 5, eur, 50_000) == 50_000
    assert used(kazakh, DEPOSITS) == [54_000]
    rate(kazakh, eur, 120, 100)
    # 46,000 are left: 38,333 * 1.20 = 45,999.6.
    assert admitted(kazakh, 5, eur, 50_000) == 38_333
    assert used(kazakh, DEPOSITS) == [CAP]


def test_rate_quoted_the_other_way_round_is_exact(kazakh: Floor) -> None:
    kzt = kazakh.asset("KZT", 2)
    rate(kazakh, kzt, 100, 44_785)
    assert admitted(kazakh, 5, kzt, 44_785_000) == 44_785_000
    assert used(kazakh, DEPOSITS) == [CAP]


def test_asset_of_many_decimals_has_an_exact_rate(kazakh: Floor) -> None:
    shib = kazakh.asset("SHIB", 18)
    # 0.00001234 USD for 10^18 minor units: 1,234 cents for 10^24.
    rate(kazakh, shib, 1_234, 10**24)
    assert admitted(kazakh, 5, shib, 10**26) == CAP * 10**24 // 1_234
    assert used(kazakh, DEPOSITS) == [CAP]


def test_deposit_without_a_rate_waits_as_a_whole(kazakh: Floor) -> None:
    assert admitted(kazakh, 5, BTC, 1) == 0
    assert admitted(kazakh, 5, USD, 5) == 5


def test_client_of_unknown_residency_counts_as_resident(kazakh: Floor) -> None:
    unknown = kazakh.account(owner=ERLAN)
    assert admitted(kazakh, unknown, USD, 200_000) == CAP
    status(kazakh, ERLAN, residency=ABROAD)
    assert admitted(kazakh, unknown, USD, 200_000) == 200_000


def test_professional_client_is_not_capped(kazakh: Floor) -> None:
    status(kazakh, AMINA, client_class=ClientClass.professional)
    assert admitted(kazakh, 5, USD, 200_000) == 200_000


def test_second_account_of_a_professional_opened_as_retail_caps_both(kazakh: Floor) -> None:
    status(kazakh, AMINA, client_class=ClientClass.professional)
    kazakh.account(owner=AMINA)
    assert admitted(kazakh, 5, USD, 200_000) == CAP


def test_owner_has_the_class_stated_last_or_opened_more_protected_since(kazakh: Floor) -> None:
    """Retail after professional binds, a statement lifts it for all accounts, a professional account changes none."""
    status(kazakh, AMINA, client_class=ClientClass.professional)
    kazakh.account(owner=AMINA)
    status(kazakh, AMINA, client_class=ClientClass.professional)
    kazakh.act(OpenAccount(ClientClass.professional, 1, owner_id=AMINA, leaf_salt=9))
    assert admitted(kazakh, 5, USD, 200_000) == 200_000
    kazakh.account(owner=AMINA)
    kazakh.act(OpenAccount(ClientClass.professional, 1, owner_id=AMINA, leaf_salt=9))
    kazakh.venue = type(kazakh.venue).restore(kazakh.venue.snapshot())
    assert admitted(kazakh, 5, USD, 200_000) == CAP


def test_lowered_limit_admits_nothing_more_and_a_removed_one_all(kazakh: Floor) -> None:
    limit(kazakh, 60_000, scope=OWNER, subject=AMINA)
    assert admitted(kazakh, 5, USD, 50_000) == 50_000
    limit(kazakh, 20_000, scope=OWNER, subject=AMINA)
    assert admitted(kazakh, 5, USD, 50_000) == 0
    unlimit(kazakh, DEPOSITS, scope=OWNER, subject=AMINA)
    assert admitted(kazakh, 5, USD, 60_000) == 50_000


def test_change_of_time_zone_does_not_begin_the_month_anew(kazakh: Floor) -> None:
    assert admitted(kazakh, 5, USD, CAP) == CAP
    zone(kazakh, 6)
    assert admitted(kazakh, 5, USD, 1) == 0
    at(kazakh, "2026-11-30T18:00:00")
    assert admitted(kazakh, 5, USD, 1) == 1
    zone(kazakh, 5)
    assert admitted(kazakh, 5, USD, 1) == 0


def test_counters_of_months_long_over_leave_memory(kazakh: Floor) -> None:
    others = [kazakh.account() for _ in range(6)]
    for account in others:
        admitted(kazakh, account, USD, 1)
    assert len(used(kazakh, DEPOSITS)) == 6
    at(kazakh, "2026-12-10T12:00:00")
    admitted(kazakh, 5, USD, 1)
    assert len(used(kazakh, DEPOSITS)) == 7, "the month before stays"
    at(kazakh, "2027-01-10T12:00:00")
    admitted(kazakh, 5, USD, 1)
    assert len(used(kazakh, DEPOSITS)) == 6, "one more counter, two less"
    for account in others[:3]:
        admitted(kazakh, account, USD, 1)
    assert used(kazakh, DEPOSITS) == [1] * 5, "December's and four of January"


def test_daily_limit_of_an_account_on_withdrawals(floor: Floor) -> None:
    zone(floor, 5)
    at(floor, "2026-11-10T12:00:00")
    limit(floor, 100, WITHDRAWALS, ACCOUNT, DAY, subject=ALICE, asset=USD)
    assert withdraw(floor, ALICE, USD, 60).one(WithdrawalRequested)
    assert is_refused(withdraw(floor, ALICE, USD, 41), RejectCode.limit_reached, 40, 41)
    assert withdraw(floor, ALICE, USD, 40).one(WithdrawalRequested)
    assert withdraw(floor, ALICE, BTC, 5_000).one(WithdrawalRequested), "counts no other asset"
    assert withdraw(floor, BOB, USD, 5_000).one(WithdrawalRequested), "binds no other account"
    at(floor, "2026-11-10T19:00:00", -1)
    assert is_refused(withdraw(floor, ALICE, USD, 1), RejectCode.limit_reached, 0, 1)
    at(floor, "2026-11-10T19:00:00")
    assert withdraw(floor, ALICE, USD, 100).one(WithdrawalRequested)


def test_rejected_withdrawal_stays_counted(floor: Floor) -> None:
    limit(floor, 100, WITHDRAWALS, ACCOUNT, DAY, subject=ALICE, asset=USD)
    number = withdraw(floor, ALICE, USD, 60).one(WithdrawalRequested).withdrawal_id
    floor.act(RejectWithdrawal(1, withdrawal_id=number))
    assert is_refused(withdraw(floor, ALICE, USD, 41), RejectCode.limit_reached, 40, 41)


def test_withdrawal_that_cannot_be_valued_is_refused(floor: Floor) -> None:
    limit(floor, 100, WITHDRAWALS, resident=RESIDENT)
    assert is_refused(withdraw(floor, ALICE, USD, 1), RejectCode.rate_missing, USD, 0)
    rate(floor, USD)
    assert withdraw(floor, ALICE, USD, 1).one(WithdrawalRequested)


def test_venue_goes_on_from_its_snapshot_with_what_was_used(kazakh: Floor) -> None:
    admitted(kazakh, 5, USD, 40_000)
    snapshot = kazakh.venue.snapshot()
    kazakh.venue = kazakh.engine.restore(snapshot)
    assert kazakh.venue.snapshot() == snapshot
    assert admitted(kazakh, 5, USD, 100_000) == 60_000
