"""Orders: every order that was ever accepted, with what became of it. A finished one never changes again.

`status` follows FIX 39 in spirit: open, filled, canceled. `filled_lots` and `filled_minor` (quote asset) add up its
trades, `fees_minor` its fees in the asset it received.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from tarazy.domain.records import (
    EventKind,
    IncrementsChanged,
)
from tarazy.facility.projections.base import BulkHandlers, Handler, Projection, Rows
from tarazy.facility.projections.restated import restate, scales_between
from tarazy.facility.projections.table import Column, Table, Width


class Status(IntEnum):
    """What became of an order."""

    open = 1
    filled = 2
    canceled = 3


OPEN, FILLED, CANCELED = map(int, Status)
# Columns of a row; the smaller ones come first.
(
    MARKET_ID, ACCOUNT_ID, SIDE, TYPE, TIME_IN_FORCE, CASH_ORDER, STATUS, REASON, LAST_SEQ, ACCEPTED_NS, LAST_NS,
    CLIENT_ORDER_ID, PRICE, TRIGGER, QUANTITY, LEAVES, FILLED_LOTS, FILLED_MINOR, FEES,
) = range(19)  # fmt: skip

OF_ACCOUNT = (("account_id", "status"),)
ACCEPTED = tuple(
    "order_type side time_in_force seq market_id account_id order_id client_order_id price_ticks quantity_lots "
    "trigger_price_ticks".split()
)
TRADED = tuple(
    "seq market_id maker_order_id taker_order_id price_ticks quantity_lots maker_fee_minor taker_fee_minor".split()
)
CANCELED_FIELDS = ("cancel_reason", "seq", "order_id", "leaves_lots")


class Orders(Projection):
    """Every order with what became of it."""

    name = "orders"
    layout = 3
    summary = "every order that was accepted, and what became of it"

    def make_tables(self) -> tuple[Table, ...]:
        """Return the orders and what a tick is worth in each market."""
        small = "market_id account_id side order_type time_in_force is_cash_order status cancel_reason last_seq".split()
        wide = "accepted_ns last_ns client_order_id price_ticks trigger_price_ticks quantity_lots".split()
        lots = ("leaves_lots", "filled_lots")
        columns = (
            *map(Column, small),
            *(Column(name, Width.u64) for name in (*wide, *lots)),
            Column("filled_minor", Width.u128),
            Column("fees_minor", Width.u128),
        )
        self.orders = Table("orders", (Column("order_id"),), columns, open_where=f"status = {OPEN}", indexes=OF_ACCOUNT)
        self.ticks = Table("ticks", (Column("market_id"),), (Column("tick_value_minor", Width.u64),))
        return self.orders, self.ticks

    def make_first(self) -> BulkHandlers:
        """Return what is done with all orders of a frame at once."""
        return {EventKind.order_accepted: (self.orders_accepted, ACCEPTED)}

    def make_runs(self) -> BulkHandlers:
        """Return what is done with trades and cancels; an order trades before it is canceled."""
        return {
            EventKind.trade_executed: (self.trades_executed, TRADED),
            EventKind.order_canceled: (self.orders_canceled, CANCELED_FIELDS),
        }

    def make_handlers(self) -> dict[Any, Handler]:
        """Return what is done with each kind of event."""
        return {
            EventKind.market_opened: self.market_opened,
            EventKind.increments_changed: self.increments_changed,
            EventKind.order_amended: self.order_amended,
            EventKind.order_reduced: self.order_reduced,
        }

    def market_opened(self, market_id: int, tick_value_minor: int) -> None:
        """Remember what a tick is worth."""
        self.ticks.put(market_id, (tick_value_minor,))

    def increments_changed(self, event: IncrementsChanged) -> None:
        """Put a market's open orders into its new lots and ticks; finished ones stay in those of their time."""
        self.ticks.put(event.market_id, (event.tick_value_minor,))
        price, quantity = scales_between(event)
        for order_id, row in self.orders.rows.items():
            if row[MARKET_ID] == event.market_id and row[STATUS] == OPEN and order_id < event.seq:
                restate(row, (PRICE, TRIGGER), price)
                restate(row, (QUANTITY, LEAVES, FILLED_LOTS), quantity)
                self.orders.touch(order_id)

    def orders_accepted(self, rows: Rows) -> None:
        """Take orders in."""
        orders, times_ns, first_seq = self.orders.rows, self.times_ns, self.first_seq
        taken: list[int] = []
        for kind, side, tif, seq, market_id, account_id, order_id, client_order_id, price, lots, trigger in rows:
            ts_ns = times_ns[seq - first_seq]
            orders[order_id] = [
                market_id, account_id, side, kind, tif, int(lots == 0), OPEN, 0, seq, ts_ns, ts_ns,
                client_order_id, price, trigger, lots, lots, 0, 0, 0,
            ]  # fmt: skip
            taken.append(order_id)
        self.orders.touch_all(taken)

    def trades_executed(self, rows: Rows) -> None:
        """Add trades to both of their orders."""
        orders, ticks, times_ns, first_seq = self.orders.rows, self.ticks.rows, self.times_ns, self.first_seq
        traded: list[int] = []
        for seq, market_id, maker_order_id, taker_order_id, price_ticks, lots, maker_fee, taker_fee in rows:
            minor = price_ticks * lots * ticks[market_id][0]
            ts_ns = times_ns[seq - first_seq]
            for order_id, fee in ((maker_order_id, maker_fee), (taker_order_id, taker_fee)):
                row = orders[order_id]
                row[LAST_SEQ], row[LAST_NS] = seq, ts_ns
                row[FILLED_LOTS] += lots
                row[FILLED_MINOR] += minor
                if fee:
                    row[FEES] += fee
                traded.append(order_id)
                if row[LEAVES] == lots:
                    row[LEAVES] = 0
                    self.filled(order_id, row)
                elif row[LEAVES]:  # a cash order has none
                    row[LEAVES] -= lots
        self.orders.touch_all(traded)

    def filled(self, order_id: int, row: list[int]) -> None:
        """Note that an order has no lots left."""
        row[STATUS] = FILLED
        self.orders.finish(order_id)

    def changed(self, order_id: int, seq: int) -> list[int]:
        """Return the row of an order that an event changes."""
        row: list[int] = self.orders.rows[order_id]
        row[LAST_SEQ], row[LAST_NS] = seq, self.ts_ns(seq)
        self.orders.touch(order_id)
        return row

    def orders_canceled(self, rows: Rows) -> None:
        """Note why orders left; `leaves_lots` stays what was canceled."""
        orders, times_ns, first_seq = self.orders.rows, self.times_ns, self.first_seq
        canceled: list[int] = []
        for cancel_reason, seq, order_id, leaves in rows:
            row = orders[order_id]
            row[STATUS], row[REASON], row[LAST_SEQ] = CANCELED, cancel_reason, seq
            row[LAST_NS], row[LEAVES] = times_ns[seq - first_seq], leaves
            canceled.append(order_id)
        self.orders.touch_all(canceled)
        self.orders.finish_all(canceled)

    def order_amended(self, seq: int, order_id: int, price_ticks: int, quantity_lots: int, leaves_lots: int) -> None:
        """Change an order."""
        row = self.changed(order_id, seq)
        row[PRICE], row[QUANTITY], row[LEAVES] = price_ticks, quantity_lots, leaves_lots

    def order_reduced(self, seq: int, order_id: int, reduced_lots: int) -> None:
        """Take lots off an order without a trade."""
        row = self.changed(order_id, seq)
        if not row[CASH_ORDER]:
            row[QUANTITY] -= reduced_lots
            row[LEAVES] -= reduced_lots
            if row[LEAVES] == 0:
                self.filled(order_id, row)
