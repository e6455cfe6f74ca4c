"""Book: what each price of each market shows and holds, from events alone.

`levels` has a row for each price at which orders rest: lots shown, lots with what icebergs hide, and how many orders.
`resting` holds of each order only what the levels need. An order that came in is not in the book while it trades; it is
counted at its price when its command is done, which at the end of a frame makes no difference, so it is counted at
once and its trades take it off again.
"""

from __future__ import annotations

from typing import Any

from tarazy.domain.records import (
    EventKind,
    IncrementsChanged,
    OrderAccepted,
    OrderAmended,
    OrderCanceled,
    OrderJoined,
    OrderReduced,
    OrderReplenished,
    OrderTriggered,
    TradeExecuted,
    TradeKind,
)
from tarazy.facility.projections.base import Handler, Projection
from tarazy.facility.projections.restated import restate, scales_between
from tarazy.facility.projections.table import Column, Table, Width
from tarazy.facility.projections.waiting import waits_at_first

CONTINUOUS = int(TradeKind.continuous)
# Columns of a resting order and of a level.
MARKET_ID, SIDE, WAITS, PRICE, REMAINING, DISPLAY, VISIBLE = range(7)
LEVEL_VISIBLE, LEVEL_REMAINING, LEVEL_ORDERS = range(3)


class Book(Projection):
    """The levels of every market's book."""

    name = "book"
    summary = "lots and orders at each price of each market's book"

    def make_tables(self) -> tuple[Table, ...]:
        """Return levels and resting orders."""
        wide = Width.u64
        self.levels = Table(
            "levels",
            (Column("market_id"), Column("side"), Column("price_ticks", wide)),
            (Column("visible_lots", Width.u128), Column("remaining_lots", Width.u128), Column("orders")),
        )
        lots = ("price_ticks", "remaining_lots", "display_lots", "visible_lots")
        columns = (*map(Column, ("market_id", "side", "waits")), *(Column(name, wide) for name in lots))
        self.resting = Table("resting", (Column("order_id"),), columns)
        return self.levels, self.resting

    def make_handlers(self) -> dict[Any, Handler]:
        """Return what is done with each kind of event."""
        return {
            EventKind.order_accepted: self.order_accepted,
            EventKind.increments_changed: self.increments_changed,
            EventKind.trade_executed: self.trade_executed,
            EventKind.order_canceled: self.order_canceled,
            EventKind.order_amended: self.order_amended,
            EventKind.order_triggered: self.order_triggered,
            EventKind.order_joined: self.order_joined,
            EventKind.order_reduced: self.order_reduced,
            EventKind.order_replenished: self.order_replenished,
        }

    def side(self, market_id: int, side: int) -> list[tuple[int, int, int, int]]:
        """Return price, visible lots, remaining lots and orders of a side, best first."""
        rows = self.levels.rows.items()
        found = [(key[2], *row) for key, row in rows if key[0] == market_id and key[1] == side]
        return sorted(found, reverse=side == 1)

    # ------------------------------------------------------------ levels
    def level(self, row: list[int], visible: int, remaining: int, orders: int) -> None:
        """Add to the level of an order; an empty one has no row."""
        key = (row[MARKET_ID], row[SIDE], row[PRICE])
        levels = self.levels
        levels.touch(key)
        level = levels.rows.get(key)
        if level is None:
            levels.rows[key] = [visible, remaining, orders]
            return
        level[LEVEL_VISIBLE] += visible
        level[LEVEL_REMAINING] += remaining
        level[LEVEL_ORDERS] += orders
        if level[LEVEL_ORDERS] == 0:
            del levels.rows[key]

    def leave(self, order_id: int, row: list[int]) -> None:
        """Take an order out of the book."""
        if not row[WAITS]:
            self.level(row, -row[VISIBLE], -row[REMAINING], -1)
        self.resting.drop(order_id)

    def set_lots(self, order_id: int, row: list[int], remaining: int, visible: int) -> None:
        """Set the lots of an order; one without lots leaves."""
        if remaining == 0:
            self.leave(order_id, row)
            return
        if not row[WAITS]:
            self.level(row, visible - row[VISIBLE], remaining - row[REMAINING], 0)
        row[REMAINING], row[VISIBLE] = remaining, visible
        self.resting.touch(order_id)

    # ------------------------------------------------------------ events
    def order_accepted(self, event: OrderAccepted) -> None:
        """Take in an order. One that does not rest ends with its command; one by amount is never in the book."""
        lots, display = event.quantity_lots, event.display_lots
        if lots == 0:
            return
        waits = waits_at_first(event)
        visible = display if 0 < display < lots else lots
        row = [event.market_id, event.side, int(waits), event.price_ticks, lots, display, visible]
        self.resting.put(event.order_id, row)
        if not waits:
            self.level(row, visible, lots, 1)

    def trade_executed(self, event: TradeExecuted) -> None:
        """Take the traded lots off both orders."""
        rows, lots = self.resting.rows, event.quantity_lots
        maker = rows.get(event.maker_order_id)
        if maker is not None:
            self.set_lots(event.maker_order_id, maker, maker[REMAINING] - lots, maker[VISIBLE] - lots)
        taker = rows.get(event.taker_order_id)
        if taker is not None:
            remaining = taker[REMAINING] - lots
            came_in = event.trade_kind == CONTINUOUS
            visible = min(taker[DISPLAY] or remaining, remaining) if came_in else taker[VISIBLE] - lots
            self.set_lots(event.taker_order_id, taker, remaining, visible)

    def order_canceled(self, event: OrderCanceled) -> None:
        """Let an order go."""
        row = self.resting.rows.get(event.order_id)
        if row is not None:
            self.leave(event.order_id, row)

    def order_amended(self, event: OrderAmended) -> None:
        """Change an order; one that lost its place shows a new slice, at its new price."""
        row = self.resting.rows.get(event.order_id)
        if row is None:
            return
        remaining = event.remaining_lots
        if event.priority_kept:
            self.set_lots(event.order_id, row, remaining, min(row[VISIBLE], remaining))
            return
        if not row[WAITS]:
            self.level(row, -row[VISIBLE], -row[REMAINING], -1)
        row[PRICE], row[REMAINING] = event.price_ticks, remaining
        row[VISIBLE] = min(row[DISPLAY] or remaining, remaining)
        if not row[WAITS]:
            self.level(row, row[VISIBLE], remaining, 1)
        self.resting.touch(event.order_id)

    def increments_changed(self, event: IncrementsChanged) -> None:
        """Put a market's orders into its new lots and ticks."""
        price, quantity = scales_between(event)
        for order_id, row in self.resting.rows.items():
            if row[MARKET_ID] != event.market_id:
                continue
            if not row[WAITS]:
                self.level(row, -row[VISIBLE], -row[REMAINING], -1)
            restate(row, (PRICE,), price)
            restate(row, (REMAINING, DISPLAY, VISIBLE), quantity)
            if not row[WAITS]:
                self.level(row, row[VISIBLE], row[REMAINING], 1)
            self.resting.touch(order_id)

    def order_triggered(self, event: OrderTriggered) -> None:
        """Let an order into the book that waited."""
        row = self.resting.rows.get(event.order_id)
        if row is not None:
            row[WAITS] = 0
            self.level(row, row[VISIBLE], row[REMAINING], 1)
            self.resting.touch(event.order_id)

    def order_joined(self, event: OrderJoined) -> None:
        """Let an order gather that waited for its auction."""
        row = self.resting.rows.get(event.order_id)
        if row is not None:
            row[WAITS], row[PRICE] = 0, event.price_ticks
            self.level(row, row[VISIBLE], row[REMAINING], 1)
            self.resting.touch(event.order_id)

    def order_reduced(self, event: OrderReduced) -> None:
        """Take lots off an order without a trade."""
        row = self.resting.rows.get(event.order_id)
        if row is not None:
            remaining = event.remaining_lots
            self.set_lots(event.order_id, row, remaining, min(row[VISIBLE], remaining))

    def order_replenished(self, event: OrderReplenished) -> None:
        """Show the next slice of an iceberg."""
        row = self.resting.rows.get(event.order_id)
        if row is not None:
            self.set_lots(event.order_id, row, row[REMAINING], event.visible_lots)
