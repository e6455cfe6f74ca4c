"""The book as the record tells it: what the recorded exchange had resting. It never matches; the venue does that.

A flow compares an incoming order with it to see what the record contradicts. `best` costs amortised log time.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from tarazy.market_data.commands import BUY, SELL


class Resting:
    """An order that the record has resting.

    total_lots is what the venue was told as its quantity; seq is its number there. `guessed` says that its place in the
    queue, or its price, is not in the record (it is older than the record).
    """

    __slots__ = ("account_id", "guessed", "leaves_lots", "price_ticks", "reference", "seq", "side", "total_lots")

    def __init__(self, reference: int, side: int, price_ticks: int, lots: int, account_id: int, seq: int) -> None:
        self.reference = reference
        self.side = side
        self.price_ticks = price_ticks
        self.leaves_lots = lots
        self.total_lots = lots
        self.account_id = account_id
        self.seq = seq
        self.guessed = False


class RecordedBook:
    """Resting orders by number and, on each side, by price and time."""

    def __init__(self) -> None:
        self.orders: dict[int, Resting] = {}
        self.levels: dict[int, dict[int, dict[int, Resting]]] = {BUY: {}, SELL: {}}
        self.heaps: dict[int, list[int]] = {BUY: [], SELL: []}
        self.heaped: dict[int, set[int]] = {BUY: set(), SELL: set()}

    def __len__(self) -> int:
        return len(self.orders)

    def add(self, order: Resting) -> None:
        """Put an order at the end of its level's queue."""
        self.orders[order.reference] = order
        levels = self.levels[order.side]
        level = levels.get(order.price_ticks)
        if level is None:
            level = levels[order.price_ticks] = {}
            if order.price_ticks not in self.heaped[order.side]:
                self.heaped[order.side].add(order.price_ticks)
                heapq.heappush(self.heaps[order.side], -order.price_ticks if order.side == BUY else order.price_ticks)
        level[order.reference] = order

    def remove(self, order: Resting) -> None:
        """Take an order out."""
        del self.orders[order.reference]
        levels = self.levels[order.side]
        level = levels[order.price_ticks]
        del level[order.reference]
        if not level:
            del levels[order.price_ticks]

    def reduce(self, order: Resting, lots: int) -> None:
        """Take lots off an order; it leaves when nothing is left."""
        order.leaves_lots -= lots
        if order.leaves_lots <= 0:
            self.remove(order)

    def best_price(self, side: int) -> int:
        """Return the best price of a side, 0 when it is empty."""
        heap, levels = self.heaps[side], self.levels[side]
        sign = -1 if side == BUY else 1
        while heap and sign * heap[0] not in levels:
            self.heaped[side].discard(sign * heapq.heappop(heap))
        return sign * heap[0] if heap else 0

    def crosses(self, side: int, price_ticks: int) -> bool:
        """Return whether an incoming order at this price would meet a resting one; 0 = at any price."""
        best = self.best_price(SELL if side == BUY else BUY)
        return best != 0 and (price_ticks == 0 or (best <= price_ticks if side == BUY else best >= price_ticks))

    def in_reach(self, side: int, price_ticks: int) -> Iterator[Resting]:
        """Yield the orders that an incoming one at this price would meet, in their priority; 0 = any price."""
        opposite = SELL if side == BUY else BUY
        levels, best = self.levels[opposite], self.best_price(opposite)
        if not self.crosses(side, price_ticks):
            return
        yield from tuple(levels[best].values())
        if price_ticks == best:
            return
        for price in sorted(levels, reverse=opposite == BUY):
            if price_ticks and (price > price_ticks if side == BUY else price < price_ticks):
                return
            if price != best:
                yield from tuple(levels.get(price, {}).values())
