"""Open orders as their owners are told of them, and what each frame did to them, in the order of its events.

Every order is followed from its acceptance to its end, whether or not somebody listens, so that a report always says
the whole order. Reports are made for accounts that listen (`listening`) and for no others.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from tarazy.domain.records import (
    RECORD_SIZE,
    CommandKind,
    EventKind,
    IncrementsChanged,
    PlaceOrder,
    PlaceTrailingStop,
)
from tarazy.facility.feeds.streams.names import USER
from tarazy.facility.feeds.users.messages import NO_FILL, Plain, UserFill, execution_report, list_status, orders_of_list
from tarazy.facility.gateway.dialect.order_view import OrderView
from tarazy.facility.gateway.dialect.symbols import Symbols
from tarazy.facility.projections.base import Handler, Projection
from tarazy.facility.projections.batch import Batch
from tarazy.facility.projections.order_terms import NAME_PLACES, SEQ_MASK
from tarazy.facility.projections.orders import CANCELED, FILLED
from tarazy.facility.projections.restated import scales_between
from tarazy.facility.projections.table import Table
from tarazy.facility.projections.untriggered import LEG_SHIFT, PENDING_ROLES, is_untriggered_at_first
from tarazy.journal.sections import decode_references
from tarazy.oversight.requests.symbol import Symbol

EXECUTIONS = {"CANCELED": "CANCELED", "EXPIRED": "EXPIRED", "EXPIRED_IN_MATCH": "TRADE_PREVENTION", "FILLED": "EXPIRED"}


@dataclass(slots=True)
class Owned:
    """An open order and whose it is; its reports are in the units of their time."""

    account_id: int
    market_id: int
    view: OrderView


@dataclass(slots=True)
class OpenList:
    """An order list with its orders, and how many of them are open."""

    account_id: int
    market_id: int
    list_kind: int
    client_id: str
    views: list[OrderView] = field(default_factory=list)
    open_count: int = 0


class UserOrders(Projection):
    """Open orders and open lists; `fresh` are the reports of the last frame by account."""

    name = "user_orders"
    summary = "open orders as their owners are told of them"
    kind = USER

    def __init__(self, symbols: Symbols, listening: Collection[int]) -> None:
        self._symbols, self._listening = symbols, listening
        super().__init__()

    def make_tables(self) -> tuple[Table, ...]:
        """Return no tables: what is held here is not exported."""
        self.orders: dict[int, Owned] = {}
        self.lists: dict[int, OpenList] = {}
        self.fresh: list[tuple[int, Plain]] = []
        self._told_lists: list[tuple[Plain, Symbol, OpenList]] = []
        self._numbers: dict[int, int] = {}
        self._names: dict[int, list[str]] = {}
        self._units: dict[int, Symbol] = {}  # of the frame that is being applied
        self._units_change = False
        self._commands = b""
        self._ended_lists: list[int] = []
        return ()

    def make_handlers(self) -> dict[Any, Handler]:
        """Return what is done with each kind of event."""
        return {
            EventKind.order_accepted: self.order_accepted,
            EventKind.order_list_placed: self.order_list_placed,
            EventKind.trade_executed: self.trade_executed,
            EventKind.order_canceled: self.order_canceled,
            EventKind.order_amended: self.order_amended,
            EventKind.order_reduced: self.order_reduced,
            EventKind.order_held: self.order_held,
            EventKind.order_triggered: self.order_works,
            EventKind.order_joined: self.order_works,
            EventKind.trailing_stop_placed: self.trailing_stop_placed,
            EventKind.increments_changed: self.increments_changed,
        }

    def apply_batch(self, batch: Batch) -> None:
        """Apply one frame with its commands and references."""
        frame = batch.frame
        self.fresh, self._commands, self._units = [], frame.commands, {}
        self._units_change = bool(batch.of_kind(EventKind.increments_changed))
        references = decode_references(frame.references, frame.header.command_count) if frame.references else []
        self._names = {frame.header.first_seq + each.command_index: each.text.split(" ") for each in references}
        super().apply_batch(batch)

    # ------------------------------------------------------------ telling

    def report(self, owned: Owned, execution: str, seq: int, fill: UserFill = NO_FILL) -> None:
        """Tell an account what happened to its order."""
        if owned.account_id not in self._listening:
            return
        symbol = self._symbols.at(owned.market_id, seq)
        if symbol is not None:
            plain = execution_report(owned.view, symbol, execution, self.ts_ns(seq), seq, fill)
            self.fresh.append((owned.account_id, plain))

    def tell_list(self, list_id: int, found: OpenList, seq: int, *, is_done: bool) -> None:
        """Tell an account what became of its list."""
        symbol = self._symbols.of(found.market_id)
        if found.account_id in self._listening and symbol is not None:
            terms = (list_id, found.list_kind, found.client_id, found.views, self.ts_ns(seq))
            plain = list_status(symbol, *terms, is_done=is_done)
            self.fresh.append((found.account_id, plain))
            self._told_lists.append((plain, symbol, found))

    def end_of_frame(self) -> None:
        """Let what was said of lists name all their orders, also those that came behind it."""
        for plain, symbol, found in self._told_lists:
            plain["O"] = orders_of_list(symbol, found.views)
        self._told_lists.clear()

    def end(self, order_id: int, owned: Owned, seq: int) -> None:
        """Forget an order that is done, and its list with the last of its orders."""
        del self.orders[order_id]
        found = self.lists.get(owned.view.list_id)
        if found is not None:
            found.open_count -= 1
            if found.open_count == 0:
                self.tell_list(owned.view.list_id, found, seq, is_done=True)
                del self.lists[owned.view.list_id]

    # ------------------------------------------------------------ events

    def name_of(self, seq: int, place: int) -> str:
        """Return one of the names that a request gave."""
        names = self._names.get(seq, ())
        return names[place] if place < len(names) else ""

    def symbol_of(self, market_id: int) -> Symbol | None:
        """Return the symbol of a market, None where it has none."""
        return self._symbols.of(market_id)

    def order_accepted(
        self,
        order_type: int,
        side: int,
        time_in_force: int,
        self_trade_prevention: int,
        seq: int,
        market_id: int,
        account_id: int,
        order_id: int,
        client_order_id: int,
        price_ticks: int,
        quantity_lots: int,
        trigger_price_ticks: int,
        display_lots: int,
    ) -> None:
        """Take an order in."""
        symbol = self.symbol_of(market_id)
        if symbol is None:
            return
        role, placed_seq = order_id >> LEG_SHIFT, order_id & SEQ_MASK
        list_id = placed_seq if role else 0
        ts_ns = self.times_ns[seq - self.first_seq]
        client_id = self.name_of(placed_seq, NAME_PLACES[role]) or f"#{client_order_id}"
        terms = (order_type, side, time_in_force, self_trade_prevention, price_ticks, trigger_price_ticks)
        command = None if quantity_lots and not trigger_price_ticks else self.command_of(seq)
        cash_minor = 0 if quantity_lots else getattr(command, "cash_order_quantity_minor", 0)
        more = (quantity_lots, display_lots, cash_minor, getattr(command, "trailing_bp", 0))
        waits = is_untriggered_at_first(order_type, time_in_force, order_id)
        times = (ts_ns, ts_ns, 0 if waits else ts_ns)
        view = OrderView(symbol, order_id, list_id, client_id, *terms, *more, *times, waits, role in PENDING_ROLES)
        owned = self.orders[order_id] = Owned(account_id, market_id, view)
        if list_id in self.lists:
            self.lists[list_id].views.append(view)
            self.lists[list_id].open_count += 1
        if account_id in self._listening:
            self.report(owned, "NEW", seq)

    def command_of(self, seq: int) -> PlaceOrder | PlaceTrailingStop | None:
        """Return the command that placed a single order, None where it was another one."""
        at = (seq - self.first_seq) * RECORD_SIZE
        kind = int.from_bytes(self._commands[at : at + 2], "little")
        if kind == CommandKind.place_order:
            return PlaceOrder.unpack(self._commands, at)
        return PlaceTrailingStop.unpack(self._commands, at) if kind == CommandKind.place_trailing_stop else None

    def order_list_placed(self, list_kind: int, seq: int, market_id: int, account_id: int, list_id: int) -> None:
        """Take a list in, before or behind its first orders."""
        found = self.lists[list_id] = OpenList(account_id, market_id, list_kind, self.name_of(seq, 0) or f"#{list_id}")
        found.views = [each.view for each in self.orders.values() if each.view.list_id == list_id]
        found.open_count = len(found.views)
        self.tell_list(list_id, found, seq, is_done=False)

    def trade_executed(
        self,
        seq: int,
        market_id: int,
        maker_order_id: int,
        taker_order_id: int,
        price_ticks: int,
        quantity_lots: int,
        maker_fee_minor: int,
        taker_fee_minor: int,
    ) -> None:
        """Add a trade to both orders."""
        number = self._numbers[market_id] = self._numbers.get(market_id, 0) + 1
        symbol = self._units.get(market_id) or self.symbol_at(market_id, seq)
        if symbol is None:
            return
        cost_minor = symbol.cost_minor(price_ticks, quantity_lots)
        ts_ns = self.times_ns[seq - self.first_seq]
        for order_id, fee, is_maker in (
            (taker_order_id, taker_fee_minor, False),
            (maker_order_id, maker_fee_minor, True),
        ):
            owned = self.orders.get(order_id)
            if owned is None:
                continue
            view = owned.view
            view.filled_lots += quantity_lots
            view.filled_minor += cost_minor
            view.last_ns = ts_ns
            self.settle_filled(view)
            if owned.account_id in self._listening:
                self.report(owned, "TRADE", seq, UserFill(number, price_ticks, quantity_lots, fee, is_maker))
            if view.status == FILLED:
                self.end(order_id, owned, seq)

    def symbol_at(self, market_id: int, seq: int) -> Symbol | None:
        """Return a market's symbol at a command, and remember it for the frame where its units do not change there."""
        found = self._symbols.at(market_id, seq)
        if found is not None and not self._units_change:
            self._units[market_id] = found
        return found

    def settle_filled(self, view: OrderView) -> None:
        """Note that an order of lots is filled."""
        if view.quantity_lots and view.filled_lots >= view.quantity_lots:
            view.status = FILLED

    def order_canceled(self, cancel_reason: int, seq: int, order_id: int) -> None:
        """Let an order go."""
        owned = self.orders.get(order_id)
        if owned is None:
            return
        owned.view.status, owned.view.cancel_reason, owned.view.last_ns = CANCELED, cancel_reason, self.ts_ns(seq)
        self.report(owned, EXECUTIONS[owned.view.status_word], seq)
        self.end(order_id, owned, seq)

    def order_amended(self, seq: int, order_id: int, price_ticks: int, quantity_lots: int) -> None:
        """Change an order."""
        owned = self.orders.get(order_id)
        if owned is not None and owned.view.quantity_lots:
            owned.view.price_ticks, owned.view.quantity_lots = price_ticks, quantity_lots
            self.report(owned, "REPLACED", seq)

    def order_reduced(self, seq: int, order_id: int, reduced_lots: int, leaves_lots: int) -> None:
        """Take lots off an order without a trade; one without lots is done."""
        owned = self.orders.get(order_id)
        if owned is None or not owned.view.quantity_lots:
            return
        owned.view.quantity_lots -= reduced_lots
        if leaves_lots == 0:
            owned.view.status = FILLED
        self.report(owned, "TRADE_PREVENTION", seq)
        if leaves_lots == 0:
            self.end(order_id, owned, seq)

    def order_held(self, seq: int, order_id: int) -> None:
        """Let a pending order of a list be placed."""
        owned = self.orders.get(order_id)
        if owned is not None and owned.view.is_pending:
            owned.view.is_pending = False
            self.report(owned, "NEW", seq)

    def order_works(self, seq: int, order_id: int) -> None:
        """Let an order work that waited for its trigger or its auction."""
        owned = self.orders.get(order_id)
        if owned is not None and owned.view.is_waiting:
            owned.view.is_waiting = owned.view.is_pending = False
            owned.view.working_ns = self.ts_ns(seq)
            self.report(owned, "NEW", seq)

    def trailing_stop_placed(self, order_id: int, trailing_bp: int) -> None:
        """Note how far an order trails."""
        if order_id in self.orders:
            self.orders[order_id].view.trailing_bp = trailing_bp

    def increments_changed(self, event: IncrementsChanged) -> None:
        """Put a market's orders into its new lots and ticks."""
        price, quantity = scales_between(event)
        for order_id, owned in self.orders.items():
            view = owned.view
            if owned.market_id == event.market_id and order_id & SEQ_MASK < event.seq:
                view.price_ticks, view.trigger_price_ticks = map(price.of, (view.price_ticks, view.trigger_price_ticks))
                view.quantity_lots, view.filled_lots = map(quantity.of, (view.quantity_lots, view.filled_lots))
                view.display_lots = quantity.of(view.display_lots)
