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
    MarketOpened,
    OrderAccepted,
    OrderAmended,
    OrderCanceled,
    OrderReduced,
    TradeExecuted,
)
from tarazy.facility.projections.base import Handler, Projection
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
    MARKET_ID, ACCOUNT_ID, SIDE, TYPE, TIME_IN_FORCE, BY_AMOUNT, STATUS, REASON, LAST_SEQ, ACCEPTED_NS, LAST_NS,
    CLIENT_ORDER_ID, PRICE, TRIGGER, QUANTITY, REMAINING, FILLED_LOTS, FILLED_MINOR, FEES,
) = range(19)  # fmt: skip


class Orders(Projection):
    """Every order with what became of it."""

    name = "orders"
    summary = "every order that was accepted, and what became of it"

    def make_tables(self) -> tuple[Table, ...]:
        """Return the orders and what a tick is worth in each market."""
        small = "market_id account_id side order_type time_in_force by_amount status cancel_reason last_seq".split()
        wide = "accepted_ns last_ns client_order_id price_ticks trigger_price_ticks quantity_lots".split()
        lots = ("remaining_lots", "filled_lots")
        columns = (
            *map(Column, small),
            *(Column(name, Width.u64) for name in (*wide, *lots)),
            Column("filled_minor", Width.u128),
            Column("fees_minor", Width.u128),
        )
        self.orders = Table("orders", (Column("order_id"),), columns, open_where=f"status = {OPEN}")
        self.ticks = Table("ticks", (Column("market_id"),), (Column("tick_value_minor", Width.u64),))
        return self.orders, self.ticks

    def make_handlers(self) -> dict[Any, Handler]:
        """Return what is done with each kind of event."""
        return {
            EventKind.market_opened: self.market_opened,
            EventKind.increments_changed: self.increments_changed,
            EventKind.order_accepted: self.order_accepted,
            EventKind.trade_executed: self.trade_executed,
            EventKind.order_canceled: self.order_canceled,
            EventKind.order_amended: self.order_amended,
            EventKind.order_reduced: self.order_reduced,
        }

    def market_opened(self, event: MarketOpened) -> None:
        """Remember what a tick is worth."""
        self.ticks.put(event.market_id, (event.tick_value_minor,))

    def increments_changed(self, event: IncrementsChanged) -> None:
        """Put a market's open orders into its new lots and ticks; finished ones stay in those of their time."""
        self.ticks.put(event.market_id, (event.tick_value_minor,))
        price, quantity = scales_between(event)
        for order_id, row in self.orders.rows.items():
            if row[MARKET_ID] == event.market_id and row[STATUS] == OPEN:
                restate(row, (PRICE, TRIGGER), price)
                restate(row, (QUANTITY, REMAINING, FILLED_LOTS), quantity)
                self.orders.touch(order_id)

    def order_accepted(self, event: OrderAccepted) -> None:
        """Take an order in."""
        ts_ns, lots = self.ts_ns(event.seq), event.quantity_lots
        self.orders.put(
            event.order_id,
            [
                event.market_id,
                event.account_id,
                event.side,
                event.order_type,
                event.time_in_force,
                int(lots == 0),
                OPEN,
                0,
                event.seq,
                ts_ns,
                ts_ns,
                event.client_order_id,
                event.price_ticks,
                event.trigger_price_ticks,
                lots,
                lots,
                0,
                0,
                0,
            ],
        )

    def trade_executed(self, event: TradeExecuted) -> None:
        """Add a trade to both orders."""
        lots = event.quantity_lots
        minor = event.price_ticks * lots * self.ticks.rows[event.market_id][0]
        ts_ns = self.ts_ns(event.seq)
        for order_id, fee in (
            (event.maker_order_id, event.maker_fee_minor),
            (event.taker_order_id, event.taker_fee_minor),
        ):
            row = self.orders.rows[order_id]
            row[FILLED_LOTS] += lots
            row[FILLED_MINOR] += minor
            row[FEES] += fee
            row[LAST_SEQ], row[LAST_NS] = event.seq, ts_ns
            self.orders.touch(order_id)
            if not row[BY_AMOUNT]:
                self.take_lots(order_id, row, lots)

    def take_lots(self, order_id: int, row: list[int], lots: int) -> None:
        """Take lots off an order; one without lots is filled."""
        row[REMAINING] -= lots
        if row[REMAINING] == 0:
            row[STATUS] = FILLED
            self.orders.finish(order_id)

    def changed(self, order_id: int, seq: int) -> list[int]:
        """Return the row of an order that an event changes."""
        row: list[int] = self.orders.rows[order_id]
        row[LAST_SEQ], row[LAST_NS] = seq, self.ts_ns(seq)
        self.orders.touch(order_id)
        return row

    def order_canceled(self, event: OrderCanceled) -> None:
        """Note why an order left; `remaining_lots` stays what was canceled."""
        row = self.changed(event.order_id, event.seq)
        row[STATUS], row[REASON], row[REMAINING] = CANCELED, event.cancel_reason, event.remaining_lots
        self.orders.finish(event.order_id)

    def order_amended(self, event: OrderAmended) -> None:
        """Change an order."""
        row = self.changed(event.order_id, event.seq)
        row[PRICE], row[QUANTITY], row[REMAINING] = event.price_ticks, event.quantity_lots, event.remaining_lots

    def order_reduced(self, event: OrderReduced) -> None:
        """Take lots off an order without a trade."""
        row = self.changed(event.order_id, event.seq)
        if not row[BY_AMOUNT]:
            row[QUANTITY] -= event.reduced_lots
            self.take_lots(event.order_id, row, event.reduced_lots)
