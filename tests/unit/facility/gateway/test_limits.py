"""Weights and counts in windows of a fixed length, as exchangeInfo states them."""

from __future__ import annotations

import pytest

from tarazy.facility.gateway.limits import LIMITS, RateLimits
from tarazy.oversight.requests.errors import DialectError

MINUTE_US = 60_000_000


def test_weight_of_an_address_is_counted_until_the_minute_turns() -> None:
    now = [100 * MINUTE_US + 45_000_000]
    limits = RateLimits(lambda: now[0])
    assert limits.use("192.0.2.1", 5_990) == [(b"x-mbx-used-weight-1m", b"5990")]
    limits.enter("192.0.2.1", 10)
    with pytest.raises(DialectError) as refused:
        limits.enter("192.0.2.1", 11)
    assert (refused.value.code, refused.value.status) == (-1003, 429)
    assert refused.value.retry_after_s == 16  # the rest of the minute, and a second
    limits.enter("192.0.2.2", 11)
    now[0] += 15_000_000
    limits.enter("192.0.2.1", 6_000)
    assert limits.use("192.0.2.1", 0) == [(b"x-mbx-used-weight-1m", b"0")]


def test_orders_of_an_account_are_counted_in_both_windows_and_refused_whole() -> None:
    now = [0]
    limits = RateLimits(lambda: now[0])
    limits.enter_orders(1, 9_999)
    with pytest.raises(DialectError) as refused:
        limits.enter_orders(1, 2)
    assert (refused.value.code, refused.value.status) == (-1015, 429)
    limits.enter_orders(1, 1)
    assert dict(limits.order_headers(1)) == {b"x-mbx-order-count-10s": b"10000", b"x-mbx-order-count-1d": b"10000"}
    now[0] = 10_000_000
    limits.enter_orders(1, 3)
    assert dict(limits.order_headers(1)) == {b"x-mbx-order-count-10s": b"3", b"x-mbx-order-count-1d": b"10003"}
    assert dict(limits.order_headers(2)) == {b"x-mbx-order-count-10s": b"0", b"x-mbx-order-count-1d": b"0"}


def test_requests_of_an_address_are_counted_whatever_they_weigh() -> None:
    limits = RateLimits(lambda: 0, (LIMITS[0], LIMITS[1], LIMITS[2], LIMITS[3]._replace(limit=3)))
    for _ in range(3):
        limits.enter("192.0.2.1", 0)
    with pytest.raises(DialectError, match="RAW_REQUESTS"):
        limits.enter("192.0.2.1", 0)


def test_addresses_of_one_network_share_and_a_flood_of_others_forgets_nobody_who_came_late(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tarazy.facility.gateway.limits.COUNTED_MAX", 3)
    limits = RateLimits(lambda: 0)
    limits.use("2001:db8::1", 5)
    limits.use("2001:db8::2", 5)
    assert limits.used_weight("2001:db8::3") == 10
    for last in range(3):
        limits.use(f"192.0.2.{last}", 1)
    assert [limits.used_weight(f"192.0.2.{last}") for last in range(3)] == [1, 1, 1]
    assert limits.used_weight("2001:db8::1") == 0, "of four networks the first is forgotten"
