"""Candles of every length in memory, the newest of each market, and the flat ones between them.

An interval without a trade has no row; who asks gets a flat candle there, at the close of the one before, as the
dialect's clients expect: from a market's first trade on there is a candle for every interval up to now.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable
from typing import NamedTuple

from tarazy.facility.feeds.intervals import INTERVALS, SECOND_NS, first_start, next_start, start_of, steps_back
from tarazy.facility.feeds.units import Units
from tarazy.facility.projections.candles import (
    BUY_TURNOVER,
    BUY_VOLUME,
    CLOSE,
    FIRST_TRADE,
    HIGH,
    LOT,
    LOW,
    OPEN,
    TICK,
    TRADES,
    TURNOVER,
    VOLUME,
    Candles,
)
from tarazy.facility.projections.table import Table
from tarazy.spec.increments import scales

SLACK = 256


class Kline(NamedTuple):
    """A candle. Prices are ticks and volumes lots of `units`; turnovers are minor units of the quote asset.

    `end_ns` is when the next one begins. A flat one has no trades, and `first_number` names the trade before it.
    """

    start_ns: int
    end_ns: int
    open_ticks: int
    high_ticks: int
    low_ticks: int
    close_ticks: int
    lots: int
    quote_minor: int
    taker_buy_lots: int
    taker_buy_minor: int
    trades: int
    first_number: int
    units: Units

    @property
    def last_number(self) -> int:
        """Return the number of the last trade in it, or before it."""
        return self.first_number + self.trades - (self.trades > 0)


class Window(NamedTuple):
    """The candles that are asked for: when the first and the last of them begin."""

    first_ns: int
    last_ns: int


def kline(interval: str, start_ns: int, row: list[int]) -> Kline:
    """Return a candle's row as it is handed out."""
    return Kline(
        start_ns,
        next_start(interval, start_ns),
        row[OPEN],
        row[HIGH],
        row[LOW],
        row[CLOSE],
        row[VOLUME],
        row[TURNOVER],
        row[BUY_VOLUME],
        row[BUY_TURNOVER],
        row[TRADES],
        row[FIRST_TRADE],
        Units(row[LOT], row[TICK]),
    )


def flat(interval: str, start_ns: int, before: Kline) -> Kline:
    """Return the candle of an interval without trades."""
    end_ns, close = next_start(interval, start_ns), before.close_ticks
    return Kline(start_ns, end_ns, close, close, close, close, 0, 0, 0, 0, 0, before.last_number, before.units)


def restated(candle: Kline, units: Units) -> Kline:
    """Return a candle in other lots and ticks, rounded down, at least 1 where it was not 0."""
    if candle.units == units:
        return candle
    price, quantity = scales(*candle.units, *units)

    def lots_of(lots: int) -> int:
        return max(lots * quantity.numerator // quantity.denominator, min(lots, 1))

    return candle._replace(
        open_ticks=price.of(candle.open_ticks),
        high_ticks=price.of(candle.high_ticks),
        low_ticks=price.of(candle.low_ticks),
        close_ticks=price.of(candle.close_ticks),
        lots=lots_of(candle.lots),
        taker_buy_lots=lots_of(candle.taker_buy_lots),
        units=units,
    )


def merge(start_ns: int, end_ns: int, parts: Iterable[Kline]) -> Kline:
    """Return the candle of several that follow each other, in the lots and ticks of the last one."""
    parts = list(parts)
    units = parts[-1].units
    parts = [restated(each, units) for each in parts]
    return Kline(
        start_ns=start_ns,
        end_ns=end_ns,
        open_ticks=parts[0].open_ticks,
        high_ticks=max(each.high_ticks for each in parts),
        low_ticks=min(each.low_ticks for each in parts),
        close_ticks=parts[-1].close_ticks,
        lots=sum(each.lots for each in parts),
        quote_minor=sum(each.quote_minor for each in parts),
        taker_buy_lots=sum(each.taker_buy_lots for each in parts),
        taker_buy_minor=sum(each.taker_buy_minor for each in parts),
        trades=sum(each.trades for each in parts),
        first_number=parts[0].first_number,
        units=units,
    )


def window(interval: str, now_ns: int, start_ns: int | None, end_ns: int | None, limit: int) -> Window:
    """Return which candles a question names: the newest, or those from a start, or those up to an end."""
    last = start_of(interval, now_ns if end_ns is None else min(end_ns, now_ns))
    if start_ns is None:
        return Window(steps_back(interval, last, limit - 1), last)
    first = begin = first_start(interval, start_ns)
    for _ in range(limit - 1):
        if begin >= last:
            break
        begin = next_start(interval, begin)
    return Window(first, min(begin, last))


def filled(interval: str, asked: Window, found: list[Kline]) -> list[Kline]:
    """Return every candle of a window from those with trades in it and the last one before it."""
    at = bisect_left(found, asked.first_ns, key=lambda each: each.start_ns)
    before = found[at - 1] if at else None
    start_ns, answer = asked.first_ns, []
    while start_ns <= asked.last_ns:
        if at < len(found) and found[at].start_ns == start_ns:
            before = found[at]
            at += 1
            answer.append(before)
        elif before is not None:
            answer.append(flat(interval, start_ns, before))
        elif at < len(found):
            start_ns = found[at].start_ns
            continue
        else:
            break
        start_ns = next_start(interval, start_ns)
    return answer


class KlineView(Candles):
    """The newest candles of every length in memory, at most `candles_max` of each market and interval."""

    name = "klines"
    summary = "the newest candles from one second to one month"
    step_ns = SECOND_NS
    candles_max = 1_500

    def make_tables(self) -> tuple[Table, ...]:
        """Return the tables of candles."""
        self._starts: dict[tuple[int, Hashable], list[int]] = {}
        return super().make_tables()

    def intervals(self) -> Iterable[Hashable]:
        """Return the names of the intervals."""
        return INTERVALS

    def starts(self, step: int) -> Iterable[tuple[Hashable, int]]:
        """Return each interval's name and when its candle begins that holds a second."""
        return [(interval, start_of(interval, step * SECOND_NS)) for interval in INTERVALS]

    def add(self, key: tuple[int, Hashable, int], row: list[int]) -> None:
        """Add a second's trades to a candle, or begin it; the oldest ones leave memory."""
        is_new = key not in self.candles.rows
        super().add(key, row)
        if is_new:
            self.note_start(key)
        self.candles.finished.clear()

    def note_start(self, key: tuple[int, Hashable, int]) -> None:
        """Note a new candle, and let the oldest ones go where there are too many."""
        market_id, interval, start_ns = key
        starts = self._starts.setdefault((market_id, interval), [])
        starts.append(start_ns)
        if len(starts) > self.candles_max + SLACK:
            for gone in starts[:SLACK]:
                del self.candles.rows[market_id, interval, gone]
            del starts[:SLACK]

    # ------------------------------------------------------------ reading
    def newest_row(self, market_id: int, interval: str) -> Kline | None:
        """Return the newest candle with trades, None before the first trade."""
        starts = self._starts.get((market_id, interval))
        return self._kline(market_id, interval, starts[-1]) if starts else None

    def kline_at(self, market_id: int, interval: str, start_ns: int) -> Kline | None:
        """Return the candle with trades that begins at a time, None where there is none."""
        return (
            self._kline(market_id, interval, start_ns) if (market_id, interval, start_ns) in self.candles.rows else None
        )

    def _kline(self, market_id: int, interval: str, start_ns: int) -> Kline:
        """Return one candle with trades."""
        return kline(interval, start_ns, self.candles.rows[market_id, interval, start_ns])

    def with_trades(self, market_id: int, interval: str, asked: Window) -> list[Kline] | None:
        """Return the candles with trades of a window and the one before it; None where memory begins behind that."""
        starts = self._starts.get((market_id, interval), [])
        begin = bisect_right(starts, asked.first_ns) - 1
        if begin < 0 and starts and self.candles.rows[market_id, interval, starts[0]][FIRST_TRADE] > 1:
            return None
        end = bisect_right(starts, asked.last_ns)
        return [self._kline(market_id, interval, start_ns) for start_ns in starts[max(begin, 0) : end]]
