"""Order terms: what a client asked for beside price and quantity, what it called the order, and since when it works.

`name` is the client's own text from the request's reference; an order whose request had none has none. A request that
places a list calls the list and its orders by several names, separated by spaces, the list's first. A pending order
waits until its list's working order is filled, and then for its trigger where it has one. `placed_seq` is the command
that placed the order, which for a leg of a list is not its number: it sorts orders by time.
"""

from __future__ import annotations

from typing import Any

from tarazy.domain.records import RECORD_SIZE, CommandKind, EventKind, PlaceOrder
from tarazy.facility.projections.base import BulkHandlers, Handler, Projection, Rows
from tarazy.facility.projections.batch import Batch
from tarazy.facility.projections.table import Column, Table, Width, word
from tarazy.facility.projections.untriggered import LEG_SHIFT, PENDING_ROLES, is_untriggered_at_first
from tarazy.journal.sections import decode_references

SEQ_MASK = (1 << LEG_SHIFT) - 1
# Columns of a row that change.
TRAILING_BP, IS_WAITING, IS_PENDING, WORKING_NS = 6, 7, 8, 9
ACCEPTED = tuple(
    "order_type time_in_force self_trade_prevention seq market_id account_id order_id quantity_lots "
    "display_lots".split()
)
# Place of a leg's name among those of its list, by role: first and second of a pair, of a triggered order, of both.
NAME_PLACES = {0: 0, 1: 1, 2: 2, 3: 1, 4: 2, 5: 1, 6: 2, 7: 3}


class OrderTerms(Projection):
    """What each order was asked to be, and its client's name for it."""

    name = "order_terms"
    layout = 2
    summary = "what clients asked for beside price and quantity, what they called it, since when orders work"

    def make_tables(self) -> tuple[Table, ...]:
        """Return the terms of orders, of which only waiting ones change, and the lists."""
        small = "account_id market_id placed_seq self_trade_prevention".split()
        self.terms = Table(
            "order_terms",
            (Column("order_id"),),
            (
                *map(Column, small),
                Column("display_lots", Width.u64),
                Column("cash_order_quantity_minor", Width.u128),
                Column("trailing_bp"),
                Column("is_waiting"),
                Column("is_pending"),
                Column("working_ns", Width.u64),
                Column("list_id"),
                Column("name", Width.text),
            ),
            open_where="is_waiting = 1",
            indexes=(
                ("account_id", "market_id", "placed_seq"),
                ("account_id", "placed_seq"),
                ("account_id", "name"),
                ("list_id",),
            ),
        )
        columns = (*map(Column, "account_id market_id list_kind".split()), Column("name", Width.text))
        indexes = (("account_id", "list_id"), ("account_id", "name"))
        self.lists = Table("lists", (Column("list_id"),), columns, open_where="1 = 0", indexes=indexes)
        self._names: dict[int, list[str]] = {}
        self._commands = b""
        return self.terms, self.lists

    def make_first(self) -> BulkHandlers:
        """Return what is done with all orders of a frame at once."""
        return {EventKind.order_accepted: (self.orders_accepted, ACCEPTED)}

    def make_runs(self) -> BulkHandlers:
        """Return what is done with cancels."""
        return {EventKind.order_canceled: (self.orders_canceled, ("order_id",))}

    def make_handlers(self) -> dict[Any, Handler]:
        """Return what is done with each kind of event."""
        return {
            EventKind.order_list_placed: self.order_list_placed,
            EventKind.trailing_stop_placed: self.trailing_stop_placed,
            EventKind.order_held: self.order_held,
            EventKind.order_triggered: self.order_works,
            EventKind.order_joined: self.order_works,
        }

    def apply_batch(self, batch: Batch) -> None:
        """Apply one frame with its commands and references."""
        frame = batch.frame
        self._commands = frame.commands
        references = decode_references(frame.references, frame.header.command_count) if frame.references else []
        self._names = {frame.header.first_seq + each.command_index: each.text.split(" ") for each in references}
        super().apply_batch(batch)

    def name_of(self, seq: int, place: int) -> str:
        """Return the word for one of the names of a request, the first for a request without a list."""
        names = self._names.get(seq, ())
        return word(names[place]) if place < len(names) else word("")

    def orders_accepted(self, rows: Rows) -> None:
        """Take orders in; the legs of a list name the request that placed it."""
        put, finish, times_ns, first_seq = self.terms.put, self.terms.finish, self.times_ns, self.first_seq
        for kind, tif, prevention, seq, market_id, account_id, order_id, lots, display in rows:
            role, placed_seq = order_id >> LEG_SHIFT, order_id & SEQ_MASK
            waits = is_untriggered_at_first(kind, tif, order_id)
            working_ns = 0 if waits else times_ns[seq - first_seq]
            amount = 0 if lots else self.cash_amount(seq)
            terms = (account_id, market_id, placed_seq, prevention, display, amount, 0)
            states = (int(waits), int(role in PENDING_ROLES), working_ns)
            name = self.name_of(placed_seq, NAME_PLACES[role])
            put(order_id, [*terms, *states, placed_seq if role else 0, name])
            if not waits:
                finish(order_id)

    def cash_amount(self, seq: int) -> int:
        """Return the amount that the command of a cash order names."""
        at = (seq - self.first_seq) * RECORD_SIZE
        kind = int.from_bytes(self._commands[at : at + 2], "little")
        return PlaceOrder.unpack(self._commands, at).cash_order_quantity_minor if kind == CommandKind.place_order else 0

    def order_list_placed(self, list_kind: int, seq: int, market_id: int, account_id: int, list_id: int) -> None:
        """Take a list in."""
        self.lists.put(list_id, [account_id, market_id, list_kind, self.name_of(seq, 0)])
        self.lists.finish(list_id)

    def trailing_stop_placed(self, order_id: int, trailing_bp: int) -> None:
        """Note how far an order trails."""
        self.terms.rows[order_id][TRAILING_BP] = trailing_bp
        self.terms.touch(order_id)

    def order_held(self, order_id: int) -> None:
        """Note that a pending order is placed; where it has a trigger it waits for that now."""
        row = self.terms.rows.get(order_id)
        if row is not None and row[IS_PENDING]:
            row[IS_PENDING] = 0
            self.terms.touch(order_id)

    def order_works(self, seq: int, order_id: int) -> None:
        """Let an order work that waited."""
        row = self.terms.rows.get(order_id)
        if row is not None and row[IS_WAITING]:
            row[WORKING_NS] = self.ts_ns(seq)
            self.stop_waiting(order_id, row)

    def orders_canceled(self, rows: Rows) -> None:
        """Let orders go that still waited."""
        terms = self.terms.rows
        for (order_id,) in rows:
            row = terms.get(order_id)
            if row is not None and row[IS_WAITING]:
                self.stop_waiting(order_id, row)

    def stop_waiting(self, order_id: int, row: list[Any]) -> None:
        """Say that a row changes no more."""
        row[IS_WAITING] = row[IS_PENDING] = 0
        self.terms.touch(order_id)
        self.terms.finish(order_id)
