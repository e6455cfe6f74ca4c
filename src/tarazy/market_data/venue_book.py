"""The venue's own book by levels, built from its events and from nothing else."""

from __future__ import annotations

import heapq
import struct
from collections import deque
from collections.abc import Callable

from tarazy.domain.records import EventKind, OrderType
from tarazy.market_data.commands import BUY, SELL
from tarazy.market_data.tracker import SEQ, OpenOrder, Tracker

ORDER_TRIGGERED = int(EventKind.order_triggered)
TRIGGERED = struct.Struct("<HxxxxxxQIIQ")
TRIGGER_TYPES = (
    OrderType.stop_loss,
    OrderType.stop_loss_limit,
    OrderType.take_profit,
    OrderType.take_profit_limit,
)


class VenueBook(Tracker):
    """A tracker that also keeps the open lots of every price.

    `checks` are (number of a command, what to call once all its events are taken in), in the order of numbers.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lots: dict[int, dict[int, int]] = {BUY: {}, SELL: {}}
        self.heaps: dict[int, list[int]] = {BUY: [], SELL: []}
        self.untriggered: set[int] = set()
        self.checks: deque[tuple[int, Callable[[], None]]] = deque()

    def observe(self, events: bytes) -> None:
        """Take in the events of one batch, and make every check at its place between them."""
        super().observe(events)
        while self.checks and self.checks[0][0] <= self.seq_seen:
            self.checks.popleft()[1]()

    def take(self, kind: int, events: bytes, offset: int) -> None:
        """Take in one event, after the checks that come before it."""
        if self.checks:
            (seq,) = SEQ.unpack_from(events, offset + 8)
            while self.checks and self.checks[0][0] < seq:
                self.checks.popleft()[1]()
        if kind == ORDER_TRIGGERED:
            order_id = TRIGGERED.unpack_from(events, offset)[4]
            self.untriggered.discard(order_id)
            self.change(order_id, self.leaves(order_id))
        super().take(kind, events, offset)

    def take_accepted(self, events: bytes, offset: int) -> OpenOrder:
        """Keep an order that the venue accepted; one that waits for its trigger is not in the book yet."""
        order = super().take_accepted(events, offset)
        if events[offset + 2] in TRIGGER_TYPES:
            self.untriggered.add(order.seq)
        self.change(order.seq, order.leaves_lots)
        return order

    def take_amended(self, events: bytes, offset: int) -> OpenOrder | None:
        """Keep an order's new price and rest."""
        order_id = self.amended_id(events, offset)
        self.change(order_id, -self.leaves(order_id))
        order = super().take_amended(events, offset)
        self.change(order_id, self.leaves(order_id))
        return order

    def reduce(self, order_id: int, lots: int) -> int:
        """Take lots off an open order and its level; return its recorded number."""
        self.change(order_id, -lots)
        return super().reduce(order_id, lots)

    def take_canceled(self, order_id: int) -> None:
        """Take what was left of an order off its level."""
        self.change(order_id, -self.leaves(order_id))
        self.untriggered.discard(order_id)
        super().take_canceled(order_id)

    def leaves(self, order_id: int) -> int:
        """Return what is left of an open order, 0 when it is not open."""
        order = self.open.get(order_id)
        return order.leaves_lots if order else 0

    def change(self, order_id: int, lots: int) -> None:
        """Add lots to the level of an open order that is in the book."""
        order = self.open.get(order_id)
        if order is None or order.price_ticks == 0 or order_id in self.untriggered:
            return
        levels = self.lots[order.side]
        if order.price_ticks not in levels:
            levels[order.price_ticks] = 0
            heapq.heappush(self.heaps[order.side], -order.price_ticks if order.side == BUY else order.price_ticks)
        levels[order.price_ticks] += lots

    def lots_at(self, side: int, price_ticks: int) -> int:
        """Return the open lots of a level."""
        return self.lots[side].get(price_ticks, 0)

    def best(self, side: int) -> tuple[int, int]:
        """Return the best price of a side and its lots, zeros when it is empty."""
        heap, levels, sign = self.heaps[side], self.lots[side], -1 if side == BUY else 1
        while heap and levels[sign * heap[0]] <= 0:
            del levels[sign * heapq.heappop(heap)]
        return (sign * heap[0], levels[sign * heap[0]]) if heap else (0, 0)
