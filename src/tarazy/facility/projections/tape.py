"""Tape: the public trades of each market, numbered 1, 2, 3, ... without gaps, and whose they were is not in it.

The n-th trade of a market has number n, so the record alone says every number, and a rebuild gives the same ones.
Trades that follow each other, of one taker's order, of one command and at one price, share the number of an
aggregate. Prices and lots count in the units of their time, which `units` has by the first trade that counts in them.
"""

from __future__ import annotations

from typing import Any

from tarazy.domain.records import EventKind
from tarazy.facility.projections.base import BulkHandlers, Handler, Projection, Rows
from tarazy.facility.projections.table import Column, Table, Width

TRADED = tuple("side trade_kind seq market_id trade_index taker_order_id price_ticks quantity_lots".split())
CHANGED = ("seq", "market_id", "lot_size_minor", "tick_value_minor")
# Columns of a trade, and of where a market's tape ends.
SIDE, KIND, SEQ, INDEX, TIME, PRICE, LOTS, AGGREGATE = range(8)
END_TRADE, END_AGGREGATE, END_SEQ, END_TAKER, END_PRICE = range(5)


class Tape(Projection):
    """Every public trade."""

    name = "tape"
    summary = "the public trades of each market by number, with their aggregates"

    def make_tables(self) -> tuple[Table, ...]:
        """Return the trades, where each market's tape ends, and what lots and ticks were worth from which trade on."""
        wide = Width.u64
        self.trades = Table(
            "tape",
            (Column("market_id"), Column("trade_number")),
            (
                *map(Column, "side trade_kind seq trade_index".split()),
                *(Column(name, wide) for name in ("ts_ns", "price_ticks", "quantity_lots")),
                Column("aggregate_number"),
            ),
            open_where="1 = 0",
            indexes=(("market_id", "aggregate_number"), ("market_id", "ts_ns")),
        )
        ends = tuple(map(Column, "trade_number aggregate_number seq taker_order_id".split()))
        self.ends = Table("ends", (Column("market_id"),), (*ends, Column("price_ticks", wide)))
        worth = (Column("lot_size_minor", wide), Column("tick_value_minor", wide))
        self.units = Table("units", (Column("market_id"), Column("trade_number")), worth)
        self._changes: list[tuple[int, ...]] = []
        return self.trades, self.ends, self.units

    def make_first(self) -> BulkHandlers:
        """Return what is done with all trades of a frame at once; what their lots and ticks are worth comes before."""
        return {
            EventKind.market_opened: (self._changes.extend, CHANGED),
            EventKind.increments_changed: (self._changes.extend, CHANGED),
            EventKind.trade_executed: (self.trades_executed, TRADED),
        }

    def make_handlers(self) -> dict[Any, Handler]:
        """Return what is done with each kind of event."""
        return {}

    def change_units(self) -> None:
        """Say what the lots and ticks of a market's next trades are worth."""
        _, market_id, lot_size_minor, tick_value_minor = self._changes.pop(0)
        end = self.ends.rows.get(market_id) or (0, 0, 0, 0, 0)
        self.ends.put(market_id, end)
        self.units.put((market_id, end[END_TRADE] + 1), (lot_size_minor, tick_value_minor))

    def trades_executed(self, rows: Rows) -> None:
        """Add trades."""
        ends, times_ns, first_seq, changes = self.ends, self.times_ns, self.first_seq, self._changes
        changes.sort()
        for side, kind, seq, market_id, index, taker_order_id, price, lots in rows:
            while changes and changes[0][0] < seq:
                self.change_units()
            number, aggregate, *last = ends.rows[market_id]
            if last != [seq, taker_order_id, price]:
                aggregate += 1
            ends.put(market_id, (number + 1, aggregate, seq, taker_order_id, price))
            times = (times_ns[seq - first_seq], price, lots)
            self.add((market_id, number + 1), (side, kind, seq, index, *times, aggregate))

    def add(self, key: tuple[int, int], row: tuple[int, ...]) -> None:
        """Add one trade."""
        self.trades.put(key, row)
        self.trades.finish(key)

    def end_of_frame(self) -> None:
        """Take in what changed behind the last trade."""
        self._changes.sort()
        while self._changes:
            self.change_units()
