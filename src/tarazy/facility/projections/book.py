"""Book: what each price of each market shows and holds, from events alone.

`levels` has a row for each price at which orders rest: lots shown, lots with what icebergs hide, and how many orders.
`resting` holds of each order only what the levels need. The events of a frame change the orders alone; at its end each
order that changed is taken off the level where it was counted before, and counted where it is now. So an order that
came in and was filled in the same frame never touches a level.
"""

from __future__ import annotations

from typing import Any

from tarazy.domain.records import (
    EventKind,
    IncrementsChanged,
    TradeKind,
)
from tarazy.facility.projections.base import BulkHandlers, Handler, Projection, Rows
from tarazy.facility.projections.restated import restate, scales_between
from tarazy.facility.projections.table import Column, Table, Width
from tarazy.facility.projections.untriggered import is_untriggered_at_first

CONTINUOUS = int(TradeKind.continuous)
ACCEPTED = tuple("order_type side time_in_force market_id order_id price_ticks quantity_lots display_lots".split())
TRADED = ("trade_kind", "maker_order_id", "taker_order_id", "quantity_lots")
Key = tuple[int, int, int]
Counted = tuple[Key, int, int]  # a level, and an order's visible lots and leaves lots there
# Columns of a resting order and of a level.
MARKET_ID, SIDE, UNTRIGGERED, PRICE, LEAVES, DISPLAY, VISIBLE = range(7)
LEVEL_VISIBLE, LEVEL_LEAVES, LEVEL_ORDERS = range(3)


class Book(Projection):
    """The levels of every market's book."""

    name = "book"
    layout = 2
    summary = "lots and orders at each price of each market's book"

    def make_tables(self) -> tuple[Table, ...]:
        """Return levels and resting orders."""
        wide = Width.u64
        self.levels = Table(
            "levels",
            (Column("market_id"), Column("side"), Column("price_ticks", wide)),
            (Column("visible_lots", Width.u128), Column("leaves_lots", Width.u128), Column("orders")),
        )
        lots = ("price_ticks", "leaves_lots", "display_lots", "visible_lots")
        columns = (*map(Column, ("market_id", "side", "untriggered")), *(Column(name, wide) for name in lots))
        self.resting = Table("resting", (Column("order_id"),), columns)
        self._counted: dict[int, Counted | None] = {}
        return self.levels, self.resting

    def make_first(self) -> BulkHandlers:
        """Return what is done with all orders of a frame at once."""
        return {EventKind.order_accepted: (self.orders_accepted, ACCEPTED)}

    def make_runs(self) -> BulkHandlers:
        """Return what is done with trades and cancels; an order trades before it is canceled."""
        return {
            EventKind.trade_executed: (self.trades_executed, TRADED),
            EventKind.order_canceled: (self.orders_canceled, ("order_id",)),
        }

    def make_handlers(self) -> dict[Any, Handler]:
        """Return what is done with each kind of event."""
        return {
            EventKind.increments_changed: self.increments_changed,
            EventKind.order_amended: self.order_amended,
            EventKind.order_triggered: self.order_triggered,
            EventKind.order_joined: self.order_joined,
            EventKind.order_reduced: self.order_reduced,
            EventKind.order_replenished: self.order_replenished,
        }

    def side(self, market_id: int, side: int) -> list[tuple[int, int, int, int]]:
        """Return price, visible lots, leaves lots and orders of a side, best first."""
        rows = self.levels.rows.items()
        found = [(key[2], *row) for key, row in rows if key[0] == market_id and key[1] == side]
        return sorted(found, reverse=side == 1)

    # ------------------------------------------------------------ levels
    def changing(self, order_id: int) -> list[int] | None:
        """Return an order that an event changes, None where it is not in the book; note where it was counted."""
        row: list[int] | None = self.resting.rows.get(order_id)
        if row is not None and order_id not in self._counted:
            self._counted[order_id] = counted(row)
        return row

    def end_of_frame(self) -> None:
        """Count every order that changed where it is now, level after level."""
        rows = self.resting.rows
        gone: dict[Key, list[int]] = {}
        here: dict[Key, list[int]] = {}
        for order_id, before in self._counted.items():
            if before is not None:
                key, visible, leaves = before
                level = gone.get(key) or gone.setdefault(key, [0, 0, 0])
                level[LEVEL_VISIBLE] -= visible
                level[LEVEL_LEAVES] -= leaves
                level[LEVEL_ORDERS] -= 1
            row = rows.get(order_id)
            if row is not None and not row[UNTRIGGERED]:
                key = (row[MARKET_ID], row[SIDE], row[PRICE])
                level = here.get(key) or here.setdefault(key, [0, 0, 0])
                level[LEVEL_VISIBLE] += row[VISIBLE]
                level[LEVEL_LEAVES] += row[LEAVES]
                level[LEVEL_ORDERS] += 1
        for changes in (gone, here):
            for key, change in changes.items():
                self.count(key, *change)
        self.resting.touch_all(self._counted)
        self._counted.clear()

    def count(self, key: Key, visible: int, leaves: int, orders: int) -> None:
        """Add to a level; an empty one has no row."""
        levels = self.levels
        levels.touch(key)
        level = levels.rows.get(key)
        if level is None:
            levels.rows[key] = [visible, leaves, orders]
            return
        level[LEVEL_VISIBLE] += visible
        level[LEVEL_LEAVES] += leaves
        level[LEVEL_ORDERS] += orders
        if level[LEVEL_ORDERS] == 0:
            del levels.rows[key]

    # ------------------------------------------------------------ events
    def orders_accepted(self, rows: Rows) -> None:
        """Take in orders. One that does not rest ends with its command; a cash order is never in the book."""
        resting, changed = self.resting.rows, self._counted
        for order_type, side, time_in_force, market_id, order_id, price, lots, display in rows:
            if lots:
                visible = display if 0 < display < lots else lots
                untriggered = int(is_untriggered_at_first(order_type, time_in_force, order_id))
                resting[order_id] = [market_id, side, untriggered, price, lots, display, visible]
                changed[order_id] = None

    def set_lots(self, order_id: int, row: list[int], leaves: int, visible: int) -> None:
        """Set the lots of an order; one without lots leaves."""
        row[LEAVES], row[VISIBLE] = leaves, visible
        if leaves == 0:
            del self.resting.rows[order_id]

    def trades_executed(self, rows: Rows) -> None:
        """Take the traded lots off both orders of each trade."""
        resting, noted = self.resting.rows, self._counted
        for trade_kind, maker_order_id, taker_order_id, lots in rows:
            came_in = taker_order_id if trade_kind == CONTINUOUS else 0
            for order_id in (maker_order_id, taker_order_id):
                row = resting.get(order_id)
                if row is None:
                    continue
                if order_id not in noted:
                    noted[order_id] = counted(row)
                leaves = row[LEAVES] - lots
                if leaves == 0:
                    del resting[order_id]
                elif order_id == came_in:
                    row[LEAVES], row[VISIBLE] = leaves, min(row[DISPLAY] or leaves, leaves)
                else:
                    row[LEAVES] = leaves
                    row[VISIBLE] -= lots

    def orders_canceled(self, rows: Rows) -> None:
        """Let orders go."""
        resting, noted = self.resting.rows, self._counted
        for (order_id,) in rows:
            row = resting.pop(order_id, None)
            if row is not None and order_id not in noted:
                noted[order_id] = counted(row)

    def order_amended(self, priority_kept: int, order_id: int, price_ticks: int, leaves_lots: int) -> None:
        """Change an order; one that lost its place shows a new slice, at its new price."""
        row = self.changing(order_id)
        if row is None:
            return
        visible = row[VISIBLE]
        if not priority_kept:
            row[PRICE], visible = price_ticks, row[DISPLAY] or leaves_lots
        self.set_lots(order_id, row, leaves_lots, min(visible, leaves_lots))

    def increments_changed(self, event: IncrementsChanged) -> None:
        """Put a market's orders into its new lots and ticks; those that were accepted later are in them."""
        price, quantity = scales_between(event)
        before = [n for n, row in self.resting.rows.items() if row[MARKET_ID] == event.market_id and n < event.seq]
        for order_id in before:
            row = self.changing(order_id)
            if row is not None:
                restate(row, (PRICE,), price)
                restate(row, (LEAVES, DISPLAY, VISIBLE), quantity)

    def order_triggered(self, order_id: int) -> None:
        """Let an order into the book that waited."""
        row = self.changing(order_id)
        if row is not None:
            row[UNTRIGGERED] = 0

    def order_joined(self, order_id: int, price_ticks: int) -> None:
        """Let an order enter the call phase that waited for it."""
        row = self.changing(order_id)
        if row is not None:
            row[UNTRIGGERED], row[PRICE] = 0, price_ticks

    def order_reduced(self, order_id: int, leaves_lots: int) -> None:
        """Take lots off an order without a trade."""
        row = self.changing(order_id)
        if row is not None:
            self.set_lots(order_id, row, leaves_lots, min(row[VISIBLE], leaves_lots))

    def order_replenished(self, order_id: int, visible_lots: int) -> None:
        """Show the next slice of an iceberg."""
        row = self.changing(order_id)
        if row is not None:
            row[VISIBLE] = visible_lots


def counted(row: list[int]) -> Counted | None:
    """Return at which level an order is counted, and with how many lots; None where it waits outside the book."""
    if row[UNTRIGGERED]:
        return None
    return (row[MARKET_ID], row[SIDE], row[PRICE]), row[VISIBLE], row[LEAVES]
