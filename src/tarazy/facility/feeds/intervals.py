"""The lengths of candles, by the dialect's names, and when a candle of each begins. Units: UTC nanoseconds.

Seconds to hours and days begin at multiples of their length since 1970, three days too; a week begins on Monday, a
month on its first day. Source: the dialect's documentation of kline intervals.
"""

from __future__ import annotations

from datetime import UTC, datetime

SECOND_NS = 10**9
MINUTE_NS = 60 * SECOND_NS
HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS
WEEK_NS = 7 * DAY_NS
FIRST_MONDAY_NS = 4 * DAY_NS  # 5 January 1970
LENGTHS_NS = {
    "1s": SECOND_NS,
    "1m": MINUTE_NS,
    "3m": 3 * MINUTE_NS,
    "5m": 5 * MINUTE_NS,
    "15m": 15 * MINUTE_NS,
    "30m": 30 * MINUTE_NS,
    "1h": HOUR_NS,
    "2h": 2 * HOUR_NS,
    "4h": 4 * HOUR_NS,
    "6h": 6 * HOUR_NS,
    "8h": 8 * HOUR_NS,
    "12h": 12 * HOUR_NS,
    "1d": DAY_NS,
    "3d": 3 * DAY_NS,
}
MONTH, WEEK = "1M", "1w"
INTERVALS = (*LENGTHS_NS, WEEK, MONTH)


def start_of(interval: str, ts_ns: int) -> int:
    """Return when the candle began that holds a time."""
    if interval == MONTH:
        day = datetime.fromtimestamp(ts_ns // SECOND_NS, UTC)
        return int(datetime(day.year, day.month, 1, tzinfo=UTC).timestamp()) * SECOND_NS
    if interval == WEEK:
        return ts_ns - (ts_ns - FIRST_MONDAY_NS) % WEEK_NS
    return ts_ns - ts_ns % LENGTHS_NS[interval]


def next_start(interval: str, start_ns: int) -> int:
    """Return when the candle behind the one that begins at a time begins."""
    if interval == MONTH:
        return start_of(MONTH, start_ns + 32 * DAY_NS)
    return start_ns + (WEEK_NS if interval == WEEK else LENGTHS_NS[interval])


def first_start(interval: str, ts_ns: int) -> int:
    """Return when the first candle begins that begins at a time or behind it."""
    start = start_of(interval, ts_ns)
    return start if start == ts_ns else next_start(interval, start)


def steps_back(interval: str, start_ns: int, count: int) -> int:
    """Return when the candle began that many candles before the one that begins at a time; never before 1970."""
    if interval == MONTH:
        day = datetime.fromtimestamp(start_ns // SECOND_NS, UTC)
        months = max(day.year * 12 + day.month - 1 - count, 1970 * 12)
        return int(datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC).timestamp()) * SECOND_NS
    length = WEEK_NS if interval == WEEK else LENGTHS_NS[interval]
    return max(start_ns - count * length, start_ns % length)
