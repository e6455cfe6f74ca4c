"""What the last 24 hours, another window and the last five minutes say, from candles in memory.

A window begins at a whole minute, as the dialect's rolling windows do: it is up to 59,999 ms longer than was asked.
The average price is quote by base of all trades of the last 300 whole seconds and the one that runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tarazy.facility.feeds.intervals import DAY_NS, MINUTE_NS, SECOND_NS
from tarazy.facility.feeds.klines import Kline, KlineView, Window, merge, restated
from tarazy.facility.feeds.units import Units

AVERAGE_MINUTES = 5


class DayTicker(NamedTuple):
    """A rolling window of a market; `candle` is None before the first trade, and flat where none is in the window."""

    open_ns: int
    close_ns: int
    candle: Kline | None
    last_lots: int


class Average(NamedTuple):
    """What was paid in the last minutes and for how many lots; where nothing traded, the last trade's."""

    quote_minor: int
    lots: int
    units: Units
    close_ns: int


def window_open(now_ns: int, length_ns: int) -> int:
    """Return when a window opens that is at least so long: at a whole minute."""
    return (now_ns - length_ns) // MINUTE_NS * MINUTE_NS


def day_ticker(
    klines: KlineView, market_id: int, units: Units, last_lots: int, now_ns: int, length_ns: int = DAY_NS
) -> DayTicker:
    """Return the rolling 24 hours of a market, or another window up to now."""
    open_ns = window_open(now_ns, length_ns)
    rows = klines.with_trades(market_id, "1m", Window(open_ns, now_ns)) or []
    return DayTicker(open_ns, now_ns, window_candle(open_ns, now_ns, rows, units), last_lots)


def window_candle(open_ns: int, close_ns: int, rows: Sequence[Kline], units: Units) -> Kline | None:
    """Return the candle of a window from those with trades in it and the last one before it, which may be missing.

    It is flat where nothing traded inside, None where nothing ever did.
    """
    inside = [row for row in rows if row.start_ns >= open_ns]
    if inside:
        return restated(merge(open_ns, close_ns, inside), units)
    if not rows:
        return None
    close, number = restated(rows[-1], units).close_ticks, rows[-1].last_number
    return Kline(open_ns, close_ns, close, close, close, close, 0, 0, 0, 0, 0, number, units)


def average(klines: KlineView, market_id: int, now_ns: int) -> Average | None:
    """Return the average of the last five minutes, None before the first trade."""
    begin = (now_ns - AVERAGE_MINUTES * MINUTE_NS) // SECOND_NS * SECOND_NS
    rows = klines.with_trades(market_id, "1s", Window(begin, now_ns)) or []
    inside = [row for row in rows if row.start_ns >= begin]
    if inside:
        total = merge(begin, now_ns, inside)
        return Average(total.quote_minor, total.lots, total.units, inside[-1].start_ns)
    newest = klines.newest_row(market_id, "1s")
    if newest is None:
        return None
    return Average(newest.close_ticks * newest.units.tick_value_minor, 1, newest.units, newest.start_ns)
