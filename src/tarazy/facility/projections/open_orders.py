"""Open orders: those that rest in a book or wait for their trigger, each as it is now.

An order that is accepted and filled, or canceled, in the same frame is never seen here. `visible_lots` is what the book
shows of the order: all of it, or the slice of an iceberg; of an order that waits for its trigger it is what it would
show. An order that came in is not yet in the book while it trades, so its slice is cut from what is left; one that
rested loses lots from its slice, and OrderReplenished says when it shows the next.
"""

from __future__ import annotations

from typing import Any

from tarazy.domain.arithmetic import U64_MAX
from tarazy.domain.records import (
    EventKind,
    IncrementsChanged,
    OrderType,
    Side,
    TradeKind,
)
from tarazy.facility.projections.base import BulkHandlers, Handler, Projection, Rows
from tarazy.facility.projections.restated import restate, scales_between
from tarazy.facility.projections.table import Column, Table, Width
from tarazy.facility.projections.untriggered import is_untriggered_at_first
from tarazy.spec.trailing import trailing_trigger

BUY = int(Side.buy)
CONTINUOUS = int(TradeKind.continuous)
LIMIT_TYPES = frozenset((int(OrderType.limit), int(OrderType.post_only)))
MARKET = int(OrderType.market)
# Columns of a trail and of a row.
EXTREME = 3
(
    MARKET_ID, ACCOUNT_ID, SIDE, TYPE, TIME_IN_FORCE, UNTRIGGERED, CASH_ORDER, CLIENT_ORDER_ID, PRICE, TRIGGER,
    QUANTITY, LEAVES, DISPLAY, VISIBLE,
) = range(14)  # fmt: skip

ACCEPTED = tuple(
    "order_type side time_in_force market_id account_id order_id client_order_id price_ticks quantity_lots "
    "trigger_price_ticks display_lots".split()
)
TRADED = tuple("trade_kind seq market_id maker_order_id taker_order_id price_ticks quantity_lots".split())


class OpenOrders(Projection):
    """Every open order."""

    name = "open_orders"
    layout = 3
    summary = "every order that rests in a book or waits for its trigger"

    def make_tables(self) -> tuple[Table, ...]:
        """Return the table of open orders."""
        small = ("market_id", "account_id", "side", "order_type", "time_in_force", "untriggered", "is_cash_order")
        wide = ("client_order_id", "price_ticks", "trigger_price_ticks", "quantity_lots", "leaves_lots")
        lots = ("display_lots", "visible_lots")
        columns = (*map(Column, small), *(Column(name, Width.u64) for name in wide + lots))
        self.orders = Table("open_orders", (Column("order_id"),), columns)
        trail = (*map(Column, ("market_id", "side", "trailing_bp")), Column("extreme_price_ticks", Width.u64))
        self.trails = Table("trails", (Column("order_id"),), trail)
        self._prints: list[int] = []
        self._printed = (0, 0)
        # Of a market, no sell's extreme is lower and no buy's higher: a print between moves no trailing stop.
        self._nearest: dict[int, tuple[int, int]] = {}
        return self.orders, self.trails

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
            EventKind.trailing_stop_placed: self.trailing_stop_placed,
            EventKind.trailing_stop_started: self.trailing_stop_started,
            EventKind.order_elected: self.order_elected,
        }

    def orders_accepted(self, rows: Rows) -> None:
        """Take orders in."""
        orders = self.orders.rows
        taken: list[int] = []
        for kind, side, tif, market_id, account_id, order_id, client_order_id, price, lots, trigger, display in rows:
            untriggered = int(is_untriggered_at_first(kind, tif, order_id))
            visible = display if 0 < display < lots else lots
            orders[order_id] = [
                market_id, account_id, side, kind, tif, untriggered, int(lots == 0), client_order_id, price, trigger,
                lots, lots, display, visible,
            ]  # fmt: skip
            taken.append(order_id)
        self.orders.touch_all(taken)

    def trades_executed(self, rows: Rows) -> None:
        """Take the traded lots off both orders; one without lots is gone. A cash order ends with its own event."""
        orders, trails = self.orders.rows, self.trails.rows
        traded: list[int] = []
        for trade_kind, seq, market_id, maker_order_id, taker_order_id, price_ticks, lots in rows:
            came_in = taker_order_id if trade_kind == CONTINUOUS else 0
            for order_id in (maker_order_id, taker_order_id):
                row = orders[order_id]
                leaves = row[LEAVES] - lots
                if leaves == 0:
                    del orders[order_id]
                elif row[CASH_ORDER]:
                    continue
                elif order_id == came_in:
                    row[LEAVES], row[VISIBLE] = leaves, min(row[DISPLAY] or leaves, leaves)
                else:
                    row[LEAVES] = leaves
                    row[VISIBLE] -= lots
                traded.append(order_id)
            if trails:
                self.printed(seq, market_id, price_ticks)
        self.orders.touch_all(traded)

    def printed(self, seq: int, market_id: int, price_ticks: int) -> None:
        """Let trailing stops of the market follow a print, and keep the command's prints for those that begin in it."""
        if self._printed != (seq, market_id):
            self._printed, self._prints = (seq, market_id), []
        self._prints.append(price_ticks)
        lowest, highest = self._nearest.get(market_id, (0, U64_MAX))
        if not highest <= price_ticks <= lowest:
            self.follow_all(market_id, price_ticks)

    def follow_all(self, market_id: int, price_ticks: int) -> None:
        """Let the trailing stops of a market follow a print, and note which print would move one of them next."""
        lowest, highest = U64_MAX, 0
        for order_id, row in self.trails.rows.items():
            if row[0] == market_id and row[EXTREME]:
                self.follow(order_id, row, price_ticks)
                if row[1] == BUY:
                    highest = max(highest, row[EXTREME])
                else:
                    lowest = min(lowest, row[EXTREME])
        self._nearest[market_id] = lowest, highest

    def follow(self, order_id: int, row: list[int], price_ticks: int) -> None:
        """Move a trailing stop's extreme and trigger where a print has passed it."""
        _, side, trailing_bp, extreme = row
        if price_ticks < extreme if side == BUY else price_ticks > extreme:
            row[EXTREME] = price_ticks
            self.orders.rows[order_id][TRIGGER] = trailing_trigger(side, price_ticks, trailing_bp)
            self.orders.touch(order_id)
            self.trails.touch(order_id)

    def orders_canceled(self, rows: Rows) -> None:
        """Let orders go."""
        orders, trails = self.orders.rows, self.trails.rows
        canceled = [order_id for (order_id,) in rows]
        for order_id in canceled:
            del orders[order_id]
            if order_id in trails:
                self.trails.drop(order_id)
        self.orders.touch_all(canceled)

    def end_trail(self, order_id: int) -> None:
        """Forget how an order trailed."""
        if order_id in self.trails.rows:
            self.trails.drop(order_id)

    def order_amended(
        self, priority_kept: int, order_id: int, price_ticks: int, quantity_lots: int, leaves_lots: int
    ) -> None:
        """Change an order; one that lost its place shows a new slice."""
        row = self.orders.rows[order_id]
        if row[CASH_ORDER]:
            return
        row[PRICE], row[QUANTITY], row[LEAVES] = price_ticks, quantity_lots, leaves_lots
        shown = row[VISIBLE] if priority_kept else row[DISPLAY] or row[LEAVES]
        row[VISIBLE] = min(shown, row[LEAVES])
        self.orders.touch(order_id)

    def increments_changed(self, event: IncrementsChanged) -> None:
        """Put a market's orders into its new lots and ticks."""
        price, quantity = scales_between(event)
        for order_id, row in self.orders.rows.items():
            if row[MARKET_ID] == event.market_id and order_id < event.seq:
                restate(row, (PRICE, TRIGGER), price)
                restate(row, (QUANTITY, LEAVES, DISPLAY, VISIBLE), quantity)
                self.orders.touch(order_id)

    def order_joined(self, order_id: int, price_ticks: int) -> None:
        """Let an order enter the call phase that waited for it."""
        row = self.orders.rows[order_id]
        row[UNTRIGGERED], row[PRICE] = 0, price_ticks
        self.orders.touch(order_id)

    def order_triggered(self, order_id: int) -> None:
        """Let an order act that waited."""
        self.orders.rows[order_id][UNTRIGGERED] = 0
        self.orders.touch(order_id)

    def trailing_stop_placed(self, market_id: int, order_id: int, trailing_bp: int) -> None:
        """Note how far an order trails."""
        self.trails.put(order_id, [market_id, self.orders.rows[order_id][SIDE], trailing_bp, 0])

    def trailing_stop_started(
        self, seq: int, market_id: int, order_id: int, extreme_price_ticks: int, trigger_price_ticks: int
    ) -> None:
        """Let a trailing stop follow from a price, and through the prints behind it in the same match."""
        row = self.trails.rows[order_id]
        row[EXTREME] = extreme_price_ticks
        lowest, highest = self._nearest.get(market_id, (0, U64_MAX))
        if row[1] == BUY:
            highest = max(highest, extreme_price_ticks)
        else:
            lowest = min(lowest, extreme_price_ticks)
        self._nearest[market_id] = lowest, highest
        self.orders.rows[order_id][TRIGGER] = trigger_price_ticks
        self.orders.touch(order_id)
        self.trails.touch(order_id)
        prints = self._prints if self._printed == (seq, market_id) else []
        behind = prints[::-1].index(extreme_price_ticks) if extreme_price_ticks in prints else 0
        for price_ticks in prints[len(prints) - behind :]:
            self.follow(order_id, row, price_ticks)

    def order_elected(self, order_id: int, trigger_price_ticks: int) -> None:
        """End the trail of an elected order at the trigger that elected it."""
        self.orders.rows[order_id][TRIGGER] = trigger_price_ticks
        self.orders.touch(order_id)
        self.end_trail(order_id)

    def order_reduced(self, order_id: int, reduced_lots: int, leaves_lots: int) -> None:
        """Take lots off an order without a trade: its quantity is smaller from now on."""
        row = self.orders.rows[order_id]
        if row[CASH_ORDER]:
            return
        if leaves_lots == 0:
            self.orders.drop(order_id)
            return
        row[QUANTITY] -= reduced_lots
        row[LEAVES] = leaves_lots
        row[VISIBLE] = min(row[VISIBLE], row[LEAVES])
        self.orders.touch(order_id)

    def order_replenished(self, order_id: int, visible_lots: int) -> None:
        """Show the next slice of an iceberg."""
        self.orders.rows[order_id][VISIBLE] = visible_lots
        self.orders.touch(order_id)
