"""Candles of a time zone: days, and all lengths that do not fit into the zone's offset, begin at its midnight.

Source: binance/binance-spot-api-docs, rest-api.md, klines, `timeZone`: hours with or without minutes, from -12:00 to
+14:00. Offsets here are whole quarters of an hour, as those of all zones in use are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tarazy.facility.feeds.intervals import HOUR_NS, LENGTHS_NS, MINUTE_NS, first_start, next_start, start_of
from tarazy.facility.feeds.klines import Kline, Window, filled, merge, window

LOWEST_MINUTES, HIGHEST_MINUTES, QUARTER_MINUTES = -12 * 60, 14 * 60, 15
STEPS_MAX = 50_000  # so many stored candles are merged for one question at most
_FORM = re.compile(r"([+\- ]?)([0-9]{1,2})(?::([0-5][0-9]))?")


class ZoneError(ValueError):
    """A text is no time zone."""

    def __str__(self) -> str:
        return "expected hours and quarters between -12:00 and +14:00, such as 5 or 05:45"


def offset_of(text: str) -> int:
    """Return how far the clocks of a zone are ahead of UTC, nanoseconds; a plus may have come as a space.

    Raises: ZoneError.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise ZoneError
    sign, hours, minutes = found.groups(default="0")
    offset = (int(hours) * 60 + int(minutes)) * (-1 if sign == "-" else 1)
    if not LOWEST_MINUTES <= offset <= HIGHEST_MINUTES or offset % QUARTER_MINUTES:
        raise ZoneError
    return offset * MINUTE_NS


def is_same_as_utc(interval: str, offset_ns: int) -> bool:
    """Say whether candles of a length begin at the same moments in a zone as in UTC."""
    return offset_ns == 0 or (interval in LENGTHS_NS and offset_ns % LENGTHS_NS[interval] == 0)


def step_minutes(offset_ns: int) -> int:
    """Return the longest stored candles that candles of a zone can be made of: an hour, a half or a quarter."""
    minutes = offset_ns // MINUTE_NS
    return next(each for each in (60, 30, 15) if minutes % each == 0)


def zone_window(
    interval: str, offset_ns: int, now_ns: int, start_ns: int | None, end_ns: int | None, limit: int
) -> Window:
    """Return which candles a question names, by the zone's clock; fewer where too many would have to be merged."""
    start = None if start_ns is None else start_ns + offset_ns
    end = None if end_ns is None else end_ns + offset_ns
    first, last = window(interval, now_ns + offset_ns, start, end, limit)
    length_max = STEPS_MAX * step_minutes(offset_ns) * MINUTE_NS
    if start_ns is None:
        first = max(first, first_start(interval, max(last - length_max, 0)))
    else:
        last = min(last, start_of(interval, first + length_max))
    return Window(first, last)


def zone_candles(interval: str, offset_ns: int, asked: Window, stored: Iterable[Kline]) -> list[Kline]:
    """Return the candles of a window of a zone, by UTC, from shorter ones with trades and the last one before it."""
    groups: dict[int, list[Kline]] = {}
    for each in stored:
        groups.setdefault(start_of(interval, each.start_ns + offset_ns), []).append(each)
    found = [merge(start, next_start(interval, start), parts) for start, parts in sorted(groups.items())]
    return [
        each._replace(start_ns=each.start_ns - offset_ns, end_ns=each.end_ns - offset_ns)
        for each in filled(interval, asked, found)
    ]


def end_of_hour(ts_ns: int) -> int:
    """Return the first whole hour at a time or behind it."""
    return -(-ts_ns // HOUR_NS) * HOUR_NS
