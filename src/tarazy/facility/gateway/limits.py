"""How much a client may ask: weight and requests of a network, orders of an account, in windows of fixed length.

A network is one IPv4 address or an IPv6 /64, which one client has whole.

The limits and their headers are those of the dialect; exchangeInfo states them. A request that places or cancels costs
no weight where it succeeds (changelog of April 2026), so the weight is known when the answer is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tarazy.oversight.requests.errors import TOO_MANY_ORDERS, TOO_MANY_REQUESTS, DialectError
from tarazy.platform.web.middleware import network

COUNTED_MAX = 100_000
Header = tuple[bytes, bytes]


class Limit(NamedTuple):
    """At most so much in one window. `interval` and `number` name it as the dialect does."""

    kind: str
    interval: str
    number: int
    seconds: int
    limit: int

    @property
    def plain(self) -> dict[str, str | int]:
        """Return the limit as exchangeInfo has it."""
        names: dict[str, str | int] = {
            "rateLimitType": self.kind,
            "interval": self.interval,
            "intervalNum": self.number,
        }
        return {**names, "limit": self.limit}


WEIGHT = Limit("REQUEST_WEIGHT", "MINUTE", 1, 60, 6_000)
RAW = Limit("RAW_REQUESTS", "MINUTE", 5, 300, 300_000)
ORDERS_SHORT = Limit("ORDERS", "SECOND", 10, 10, 10_000)
ORDERS_DAY = Limit("ORDERS", "DAY", 1, 86_400, 20_000_000)
LimitSet = tuple[Limit, Limit, Limit, Limit]
LIMITS: LimitSet = (WEIGHT, ORDERS_SHORT, ORDERS_DAY, RAW)


def limit_set(weight: int, orders_short: int, orders_day: int, raw: int) -> LimitSet:
    """Return the limits with other numbers."""
    return (
        WEIGHT._replace(limit=weight),
        ORDERS_SHORT._replace(limit=orders_short),
        ORDERS_DAY._replace(limit=orders_day),
        RAW._replace(limit=raw),
    )


class LimitWindow:
    """Counts of one limit in the window that runs; the next begins anew. Of too many, the oldest goes."""

    def __init__(self, limit: Limit, clock_us: Callable[[], int]) -> None:
        self.limit = limit
        self._clock_us = clock_us
        self._begin_us = self._end_us = 0
        self._counts: dict[str | int, int] = {}

    def count(self, who: str | int, now_us: int = 0) -> int:
        """Return what somebody has used; `now_us` is the time where the caller knows it."""
        now_us = now_us or self._clock_us()
        if not self._begin_us <= now_us < self._end_us:
            length_us = self.limit.seconds * 1_000_000
            self._begin_us = now_us - now_us % length_us
            self._end_us, self._counts = self._begin_us + length_us, {}
        return self._counts.get(who, 0)

    def add(self, who: str | int, amount: int, now_us: int = 0) -> int:
        """Count more; return the sum."""
        total = self.count(who, now_us) + amount
        if who not in self._counts and len(self._counts) >= COUNTED_MAX:
            del self._counts[next(iter(self._counts))]
        self._counts[who] = total
        return total

    def wait_s(self) -> int:
        """Return the seconds until the next window."""
        length_us = self.limit.seconds * 1_000_000
        return (length_us - self._clock_us() % length_us) // 1_000_000 + 1


class RateLimits:
    """The limits of one gateway, on the event loop's thread."""

    def __init__(self, clock_us: Callable[[], int], limits: LimitSet = LIMITS) -> None:
        self.limits, self._clock_us = limits, clock_us
        self.weight, self.orders_short, self.orders_day, self.raw = (LimitWindow(each, clock_us) for each in limits)

    def enter(self, address: str, weight: int) -> None:
        """Count a request of an address, and refuse it where that has used up its weight.

        Raises: DialectError (429).
        """
        now_us, who = self._clock_us(), network(address)
        self._check(self.raw, self.raw.add(who, 1, now_us))
        self._check(self.weight, self.weight.count(who, now_us) + weight)

    def check_weight(self, address: str, weight: int) -> None:
        """Refuse a request of an address that has used up its weight; its number is not counted.

        Raises: DialectError (429).
        """
        self._check(self.weight, self.used_weight(address) + weight)

    def _check(self, window: LimitWindow, used: int) -> None:
        if used > window.limit.limit:
            message = (
                f"Too much request weight used; current limit is {window.limit.limit} {window.limit.kind} per "
                f"{window.limit.number} {window.limit.interval}."
            )
            raise DialectError(TOO_MANY_REQUESTS, message, 429, retry_after_s=window.wait_s())

    def used_weight(self, address: str) -> int:
        """Return the weight that the network of an address has used in the window that runs."""
        return self.weight.count(network(address))

    def enter_orders(self, account_id: int, count: int) -> None:
        """Count new orders of an account.

        Raises: DialectError (429).
        """
        now_us = self._clock_us()
        for window in (self.orders_short, self.orders_day):
            if window.count(account_id, now_us) + count > window.limit.limit:
                message = (
                    f"Too many new orders; current limit is {window.limit.limit} orders per "
                    f"{window.limit.number} {window.limit.interval}."
                )
                raise DialectError(TOO_MANY_ORDERS, message, 429, retry_after_s=window.wait_s())
        self.orders_short.add(account_id, count, now_us)
        self.orders_day.add(account_id, count, now_us)

    def take_order(self, address: str, account_id: int, now_us: int) -> bool:
        """Count a request of an address that places one order of an account, as `enter` and `enter_orders` do.

        Return False, and count nothing, where one of the limits is used up.
        """
        who = network(address)
        of_network, of_account = (self.raw, self.weight), (self.orders_short, self.orders_day)
        for window in of_network:
            if window.count(who, now_us) >= window.limit.limit:
                return False
        for window in of_account:
            if window.count(account_id, now_us) >= window.limit.limit:
                return False
        self.raw.add(who, 1, now_us)
        for window in of_account:
            window.add(account_id, 1, now_us)
        return True

    def use(self, address: str, weight: int) -> list[Header]:
        """Count the weight of a request that was answered; return the header that says what is used."""
        who = network(address)
        used = self.weight.add(who, weight) if weight else self.weight.count(who)
        return [(b"x-mbx-used-weight-1m", b"%d" % used)]

    def order_headers(self, account_id: int) -> list[Header]:
        """Return the headers that say how many orders an account has placed."""
        now_us = self._clock_us()
        return [
            (b"x-mbx-order-count-10s", b"%d" % self.orders_short.count(account_id, now_us)),
            (b"x-mbx-order-count-1d", b"%d" % self.orders_day.count(account_id, now_us)),
        ]
