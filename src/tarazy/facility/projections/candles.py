"""Candles: open, high, low, close and volume of each market for each minute to each day, in UTC.

A frame's trades are first gathered by minute, so that the longer intervals cost one addition for each minute and not
one for each trade. A candle is closed when a later one of its market and interval begins, and never changes again; an
interval without trades has no candle. Candles begin at multiples of their length since 1970.
"""

from __future__ import annotations

from typing import Any

from tarazy.domain.records import EventKind
from tarazy.facility.projections.base import FirstHandler, Handler, Projection, Rows
from tarazy.facility.projections.restated import restate, restate_sum
from tarazy.facility.projections.table import Column, Table, Width
from tarazy.spec.increments import scales

MINUTE_NS = 60 * 10**9
CHANGED = ("seq", "market_id", "lot_size_minor", "tick_value_minor", "from_lot_size_minor", "from_tick_value_minor")
INTERVALS_MIN = (1, 5, 15, 30, 60, 240, 1440)
# Columns of a candle.
CLOSED, TRADES, OPEN, HIGH, LOW, CLOSE, VOLUME, TURNOVER = range(8)


class Candles(Projection):
    """Candles from one minute to one day."""

    name = "candles"
    summary = "open, high, low, close and volume from one minute to one day"

    def make_tables(self) -> tuple[Table, ...]:
        """Return the candles, the newest one of each market and interval, and what a tick is worth."""
        wide = Width.u64
        self.candles = Table(
            "candles",
            (Column("market_id"), Column("minutes"), Column("start_ns", wide)),
            (
                *map(Column, ("closed", "trades")),
                *(Column(f"{name}_ticks", wide) for name in ("open", "high", "low", "close")),
                Column("volume_lots", Width.u128),
                Column("turnover_minor", Width.u128),
            ),
            open_where="closed = 0",
        )
        self.newest = Table("newest", (Column("market_id"), Column("minutes")), (Column("start_ns", wide),))
        self.ticks = Table("ticks", (Column("market_id"),), (Column("tick_value_minor", wide),))
        self._gathered: dict[tuple[int, int], list[int]] = {}
        self._changes: list[tuple[int, ...]] = []
        return self.candles, self.newest, self.ticks

    def make_first(self) -> dict[Any, tuple[FirstHandler, tuple[str, ...]]]:
        """Return what is done with all trades of a frame at once; what their lots and ticks are worth comes before."""
        return {
            EventKind.market_opened: (self.markets_opened, ("market_id", "tick_value_minor")),
            EventKind.increments_changed: (self._changes.extend, CHANGED),
            EventKind.trade_executed: (self.trades_executed, ("seq", "market_id", "price_ticks", "quantity_lots")),
        }

    def make_handlers(self) -> dict[Any, Handler]:
        """Return what is done with each kind of event."""
        return {}

    def markets_opened(self, rows: Rows) -> None:
        """Remember what a tick is worth."""
        for market_id, tick_value_minor in rows:
            self.ticks.put(market_id, (tick_value_minor,))

    def change_increments(self) -> None:
        """Put a market's newest candles into its new lots and ticks, rounded down; closed ones stay as they are."""
        _, market_id, lot, tick, from_lot, from_tick = self._changes.pop(0)
        self.add_gathered()
        self.ticks.put(market_id, (tick,))
        price, quantity = scales(from_lot, from_tick, lot, tick)
        for minutes in INTERVALS_MIN:
            newest = self.newest.rows.get((market_id, minutes))
            if newest is not None:
                key = (market_id, minutes, newest[0])
                restate(self.candles.rows[key], (OPEN, HIGH, LOW, CLOSE), price)
                restate_sum(self.candles.rows[key], VOLUME, quantity)
                self.candles.touch(key)

    def trades_executed(self, rows: Rows) -> None:
        """Gather trades into their minutes."""
        gathered, times_ns, first_seq, changes = self._gathered, self.times_ns, self.first_seq, self._changes
        for seq, market_id, price, lots in rows:
            while changes and changes[0][0] < seq:
                self.change_increments()
            key = (market_id, times_ns[seq - first_seq] // MINUTE_NS)
            row = gathered.get(key)
            if row is None:
                gathered[key] = [0, 1, price, price, price, price, lots, price * lots]
                continue
            row[TRADES] += 1
            if price > row[HIGH]:
                row[HIGH] = price
            elif price < row[LOW]:
                row[LOW] = price
            row[CLOSE] = price
            row[VOLUME] += lots
            row[TURNOVER] += price * lots

    def end_of_frame(self) -> None:
        """Take in what changed behind the last trade, and add what is gathered."""
        while self._changes:
            self.change_increments()
        self.add_gathered()

    def add_gathered(self) -> None:
        """Add the gathered minutes to the candles of every length, in the order in which they came."""
        for (market_id, minute), row in self._gathered.items():
            row[TURNOVER] *= self.ticks.rows[market_id][0]
            for minutes in INTERVALS_MIN:
                self.add(market_id, minutes, minute // minutes * minutes * MINUTE_NS, row)
        self._gathered.clear()

    def add(self, market_id: int, minutes: int, start_ns: int, row: list[int]) -> None:
        """Add a minute's trades to a candle, or begin it and close the one before."""
        key = (market_id, minutes, start_ns)
        candle = self.candles.rows.get(key)
        if candle is None:
            self._close_newest(market_id, minutes)
            self.candles.put(key, row.copy())
            self.newest.put((market_id, minutes), (start_ns,))
            return
        candle[TRADES] += row[TRADES]
        candle[HIGH] = max(candle[HIGH], row[HIGH])
        candle[LOW] = min(candle[LOW], row[LOW])
        candle[CLOSE] = row[CLOSE]
        candle[VOLUME] += row[VOLUME]
        candle[TURNOVER] += row[TURNOVER]
        self.candles.touch(key)

    def _close_newest(self, market_id: int, minutes: int) -> None:
        """Close the newest candle of a market and interval."""
        newest = self.newest.rows.get((market_id, minutes))
        if newest is not None:
            key = (market_id, minutes, newest[0])
            self.candles.rows[key][CLOSED] = 1
            self.candles.touch(key)
            self.candles.finish(key)
