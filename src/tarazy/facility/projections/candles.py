"""Candles: open, high, low, close and volume of each market for each minute to each day, in UTC.

A frame's trades are first gathered by minute, so that the longer intervals cost one addition for each minute and not
one for each trade. A candle is closed when a later one of its market and interval begins, and never changes again; an
interval without trades has no candle. Candles begin at multiples of their length since 1970. Each says its first
trade by number within the market, and the lots and ticks that it counts in.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, ClassVar

from tarazy.domain.records import EventKind
from tarazy.domain.records import Side as OrderSide
from tarazy.facility.projections.base import BulkHandlers, Handler, Projection, Rows
from tarazy.facility.projections.restated import restate, restate_sum
from tarazy.facility.projections.table import Column, Table, Width
from tarazy.spec.increments import scales

BUY = int(OrderSide.buy)
MINUTE_NS = 60 * 10**9
CHANGED = ("seq", "market_id", "lot_size_minor", "tick_value_minor", "from_lot_size_minor", "from_tick_value_minor")
INTERVALS_MIN = (1, 5, 15, 30, 60, 240, 1440)
# Columns of a candle, and of what a market's lots and ticks are worth with the count of its trades.
CLOSED, TRADES, OPEN, HIGH, LOW, CLOSE, VOLUME, TURNOVER, BUY_VOLUME, BUY_TURNOVER, FIRST_TRADE, LOT, TICK = range(13)
UNIT_LOT, UNIT_TICK, UNIT_TRADES = range(3)


class Candles(Projection):
    """Candles from one minute to one day."""

    name = "candles"
    layout = 2
    summary = "open, high, low, close and volume from one minute to one day"
    step_ns: ClassVar[int] = MINUTE_NS  # trades are gathered in steps of so long

    def make_tables(self) -> tuple[Table, ...]:
        """Return the candles, the newest one of each market and interval, and what lots and ticks are worth."""
        wide = Width.u64
        self.candles = Table(
            "candles",
            (Column("market_id"), Column("minutes"), Column("start_ns", wide)),
            (
                *map(Column, ("closed", "trades")),
                *(Column(f"{name}_ticks", wide) for name in ("open", "high", "low", "close")),
                *(Column(name, Width.u128) for name in ("volume_lots", "turnover_minor")),
                *(Column(name, Width.u128) for name in ("taker_buy_lots", "taker_buy_minor")),
                Column("first_trade_number"),
                *(Column(name, wide) for name in ("lot_size_minor", "tick_value_minor")),
            ),
            open_where="closed = 0",
        )
        self.newest = Table("newest", (Column("market_id"), Column("minutes")), (Column("start_ns", wide),))
        worth = (Column("lot_size_minor", wide), Column("tick_value_minor", wide))
        self.units = Table("units", (Column("market_id"),), (*worth, Column("trades")))
        self._gathered: dict[tuple[int, int], list[int]] = {}
        self._changes: list[tuple[int, ...]] = []
        return self.candles, self.newest, self.units

    def make_first(self) -> BulkHandlers:
        """Return what is done with all trades of a frame at once; what their lots and ticks are worth comes before."""
        opened = ("market_id", "lot_size_minor", "tick_value_minor")
        traded = ("side", "seq", "market_id", "price_ticks", "quantity_lots")
        return {
            EventKind.market_opened: (self.markets_opened, opened),
            EventKind.increments_changed: (self._changes.extend, CHANGED),
            EventKind.trade_executed: (self.trades_executed, traded),
        }

    def make_handlers(self) -> dict[Any, Handler]:
        """Return what is done with each kind of event."""
        return {}

    def starts(self, step: int) -> Iterable[tuple[Hashable, int]]:
        """Return each interval's name and when its candle begins that holds a step, in UTC nanoseconds."""
        return [(minutes, step // minutes * minutes * MINUTE_NS) for minutes in INTERVALS_MIN]

    def intervals(self) -> Iterable[Hashable]:
        """Return the names of the intervals."""
        return INTERVALS_MIN

    def markets_opened(self, rows: Rows) -> None:
        """Remember what lots and ticks are worth."""
        for market_id, lot_size_minor, tick_value_minor in rows:
            self.units.put(market_id, [lot_size_minor, tick_value_minor, 0])

    def change_increments(self) -> None:
        """Put a market's newest candles into its new lots and ticks, rounded down; closed ones stay as they are."""
        _, market_id, lot, tick, from_lot, from_tick = self._changes.pop(0)
        self.add_gathered()
        self.units.put(market_id, [lot, tick, self.units.rows[market_id][UNIT_TRADES]])
        price, quantity = scales(from_lot, from_tick, lot, tick)
        for interval in self.intervals():
            newest = self.newest.rows.get((market_id, interval))
            if newest is not None:
                key = (market_id, interval, newest[0])
                row = self.candles.rows[key]
                restate(row, (OPEN, HIGH, LOW, CLOSE), price)
                for column in (VOLUME, BUY_VOLUME):
                    restate_sum(row, column, quantity)
                row[LOT], row[TICK] = lot, tick
                self.candles.touch(key)

    def trades_executed(self, rows: Rows) -> None:
        """Gather trades into their steps."""
        gathered, times_ns, first_seq, changes = self._gathered, self.times_ns, self.first_seq, self._changes
        step_ns = self.step_ns
        for side, seq, market_id, price, lots in rows:
            while changes and changes[0][0] < seq:
                self.change_increments()
            key = (market_id, times_ns[seq - first_seq] // step_ns)
            row = gathered.get(key)
            if row is None:
                row = gathered[key] = [0, 0, price, price, price, price, 0, 0, 0, 0]
            elif price > row[HIGH]:
                row[HIGH] = price
            elif price < row[LOW]:
                row[LOW] = price
            row[TRADES] += 1
            row[CLOSE] = price
            row[VOLUME] += lots
            row[TURNOVER] += price * lots
            if side == BUY:
                row[BUY_VOLUME] += lots
                row[BUY_TURNOVER] += price * lots

    def end_of_frame(self) -> None:
        """Take in what changed behind the last trade, and add what is gathered."""
        while self._changes:
            self.change_increments()
        self.add_gathered()

    def add_gathered(self) -> None:
        """Add the gathered steps to the candles of every length, in the order in which they came."""
        for (market_id, step), row in self._gathered.items():
            unit = self.units.rows[market_id]
            row[TURNOVER] *= unit[UNIT_TICK]
            row[BUY_TURNOVER] *= unit[UNIT_TICK]
            row += [unit[UNIT_TRADES] + 1, unit[UNIT_LOT], unit[UNIT_TICK]]
            unit[UNIT_TRADES] += row[TRADES]
            self.units.touch(market_id)
            for interval, start_ns in self.starts(step):
                self.add((market_id, interval, start_ns), row)
        self._gathered.clear()

    def add(self, key: tuple[int, Hashable, int], row: list[int]) -> None:
        """Add a step's trades to a candle, or begin it and close the one before."""
        candle = self.candles.rows.get(key)
        if candle is None:
            market_id, interval, start_ns = key
            self._close_newest(market_id, interval)
            self.candles.put(key, row.copy())
            self.newest.put((market_id, interval), (start_ns,))
            return
        candle[HIGH] = max(candle[HIGH], row[HIGH])
        candle[LOW] = min(candle[LOW], row[LOW])
        candle[CLOSE] = row[CLOSE]
        for column in (TRADES, VOLUME, TURNOVER, BUY_VOLUME, BUY_TURNOVER):
            candle[column] += row[column]
        self.candles.touch(key)

    def _close_newest(self, market_id: int, interval: Hashable) -> None:
        """Close the newest candle of a market and interval."""
        newest = self.newest.rows.get((market_id, interval))
        if newest is not None:
            key = (market_id, interval, newest[0])
            self.candles.rows[key][CLOSED] = 1
            self.candles.touch(key)
            self.candles.finish(key)
