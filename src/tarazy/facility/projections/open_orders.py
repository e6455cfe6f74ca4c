"""Open orders: those that rest in a book or wait for their trigger, each as it is now.

An order that is accepted and filled, or canceled, in the same frame is never seen here. `visible_lots` is what the book
shows of the order: all of it, or the slice of an iceberg; of an order that waits for its trigger it is what it would
show. An order that came in is not yet in the book while it trades, so its slice is cut from what is left; one that
rested loses lots from its slice, and OrderReplenished says when it shows the next.
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
    OrderType,
    TradeExecuted,
    TradeKind,
)
from tarazy.facility.projections.base import Handler, Projection
from tarazy.facility.projections.restated import restate, scales_between
from tarazy.facility.projections.table import Column, Table, Width
from tarazy.facility.projections.waiting import waits_at_first

CONTINUOUS = int(TradeKind.continuous)
LIMIT_TYPES = frozenset((int(OrderType.limit), int(OrderType.limit_maker)))
MARKET = int(OrderType.market)
# Columns of a row.
(
    MARKET_ID, ACCOUNT_ID, SIDE, TYPE, TIME_IN_FORCE, WAITS, BY_AMOUNT, CLIENT_ORDER_ID, PRICE, TRIGGER, QUANTITY,
    REMAINING, DISPLAY, VISIBLE,
) = range(14)  # fmt: skip


class OpenOrders(Projection):
    """Every open order."""

    name = "open_orders"
    summary = "every order that rests in a book or waits for its trigger"

    def make_tables(self) -> tuple[Table, ...]:
        """Return the table of open orders."""
        small = ("market_id", "account_id", "side", "order_type", "time_in_force", "waits", "by_amount")
        wide = ("client_order_id", "price_ticks", "trigger_price_ticks", "quantity_lots", "remaining_lots")
        lots = ("display_lots", "visible_lots")
        columns = (*map(Column, small), *(Column(name, Width.u64) for name in wide + lots))
        self.orders = Table("open_orders", (Column("order_id"),), columns)
        return (self.orders,)

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

    def order_accepted(self, event: OrderAccepted) -> None:
        """Take an order in."""
        lots, display = event.quantity_lots, event.display_lots
        self.orders.put(
            event.order_id,
            [
                event.market_id,
                event.account_id,
                event.side,
                event.order_type,
                event.time_in_force,
                int(waits_at_first(event)),
                int(lots == 0),
                event.client_order_id,
                event.price_ticks,
                event.trigger_price_ticks,
                lots,
                lots,
                display,
                min(display, lots) if display else lots,
            ],
        )

    def trade_executed(self, event: TradeExecuted) -> None:
        """Take the traded lots off both orders."""
        lots = event.quantity_lots
        self.take_lots(event.maker_order_id, lots, came_in=False)
        self.take_lots(event.taker_order_id, lots, came_in=event.trade_kind == CONTINUOUS)

    def take_lots(self, order_id: int, lots: int, *, came_in: bool) -> None:
        """Take lots off an order; one without lots is gone. One by amount ends with its own event."""
        row = self.orders.rows[order_id]
        if row[BY_AMOUNT]:
            return
        row[REMAINING] -= lots
        if row[REMAINING] == 0:
            self.orders.drop(order_id)
            return
        if came_in:
            row[VISIBLE] = min(row[DISPLAY] or row[REMAINING], row[REMAINING])
        else:
            row[VISIBLE] -= lots
        self.orders.touch(order_id)

    def order_canceled(self, event: OrderCanceled) -> None:
        """Let an order go."""
        self.orders.drop(event.order_id)

    def order_amended(self, event: OrderAmended) -> None:
        """Change an order; one that lost its place shows a new slice."""
        row = self.orders.rows[event.order_id]
        if row[BY_AMOUNT]:
            return
        row[PRICE], row[QUANTITY], row[REMAINING] = event.price_ticks, event.quantity_lots, event.remaining_lots
        shown = row[VISIBLE] if event.priority_kept else row[DISPLAY] or row[REMAINING]
        row[VISIBLE] = min(shown, row[REMAINING])
        self.orders.touch(event.order_id)

    def increments_changed(self, event: IncrementsChanged) -> None:
        """Put a market's orders into its new lots and ticks."""
        price, quantity = scales_between(event)
        for order_id, row in self.orders.rows.items():
            if row[MARKET_ID] == event.market_id:
                restate(row, (PRICE, TRIGGER), price)
                restate(row, (QUANTITY, REMAINING, DISPLAY, VISIBLE), quantity)
                self.orders.touch(order_id)

    def order_joined(self, event: OrderJoined) -> None:
        """Let an order gather that waited for its auction."""
        row = self.orders.rows[event.order_id]
        row[WAITS], row[PRICE] = 0, event.price_ticks
        self.orders.touch(event.order_id)

    def order_triggered(self, event: OrderTriggered) -> None:
        """Let an order act that waited."""
        self.orders.rows[event.order_id][WAITS] = 0
        self.orders.touch(event.order_id)

    def order_reduced(self, event: OrderReduced) -> None:
        """Take lots off an order without a trade: its quantity is smaller from now on."""
        row = self.orders.rows[event.order_id]
        if row[BY_AMOUNT]:
            return
        if event.remaining_lots == 0:
            self.orders.drop(event.order_id)
            return
        row[QUANTITY] -= event.reduced_lots
        row[REMAINING] = event.remaining_lots
        row[VISIBLE] = min(row[VISIBLE], row[REMAINING])
        self.orders.touch(event.order_id)

    def order_replenished(self, event: OrderReplenished) -> None:
        """Show the next slice of an iceberg."""
        self.orders.rows[event.order_id][VISIBLE] = event.visible_lots
        self.orders.touch(event.order_id)
