"""The venue's own book by levels, built from its events and from nothing else."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable

from tarazy.domain.records import TradeExecuted
from tarazy.facility.flow.commands import BUY, SELL
from tarazy.facility.flow.tracker import SEQ, OpenOrder, Tracker


class VenueBook(Tracker):
    """A tracker that also keeps the open lots of every price.

    `checks` are (number of a command, what to call once all its events are taken in), in the order of numbers.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lots: dict[int, dict[int, int]] = {BUY: {}, SELL: {}}
        self.heaps: dict[int, list[int]] = {BUY: [], SELL: []}
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
        super().take(kind, events, offset)

    def take_accepted(self, events: bytes, offset: int) -> OpenOrder:
        """Keep an order that the venue accepted."""
        order = super().take_accepted(events, offset)
        self.change(order.side, order.price_ticks, order.remaining_lots)
        return order

    def take_amended(self, events: bytes, offset: int) -> OpenOrder | None:
        """Keep an order's new price and rest."""
        order = self.open.get(self.amended_id(events, offset))
        if order:
            self.change(order.side, order.price_ticks, -order.remaining_lots)
        order = super().take_amended(events, offset)
        if order:
            self.change(order.side, order.price_ticks, order.remaining_lots)
        return order

    def take_trade(self, trade: TradeExecuted) -> None:
        """Take a trade off both orders' levels."""
        for order_id in (trade.maker_order_id, trade.taker_order_id):
            order = self.open.get(order_id)
            if order:
                self.change(order.side, order.price_ticks, -trade.quantity_lots)
        super().take_trade(trade)

    def take_canceled(self, order_id: int) -> None:
        """Take what was left of an order off its level."""
        order = self.open.get(order_id)
        if order:
            self.change(order.side, order.price_ticks, -order.remaining_lots)
        super().take_canceled(order_id)

    def change(self, side: int, price_ticks: int, lots: int) -> None:
        """Add lots to a level."""
        levels = self.lots[side]
        if price_ticks not in levels:
            levels[price_ticks] = 0
            heapq.heappush(self.heaps[side], -price_ticks if side == BUY else price_ticks)
        levels[price_ticks] += lots

    def lots_at(self, side: int, price_ticks: int) -> int:
        """Return the open lots of a level."""
        return self.lots[side].get(price_ticks, 0)

    def best(self, side: int) -> tuple[int, int]:
        """Return the best price of a side and its lots, zeros when it is empty."""
        heap, levels, sign = self.heaps[side], self.lots[side], -1 if side == BUY else 1
        while heap and not levels[sign * heap[0]]:
            del levels[sign * heapq.heappop(heap)]
        return (sign * heap[0], levels[sign * heap[0]]) if heap else (0, 0)
