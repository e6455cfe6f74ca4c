"""A small exchange of the tests' own that writes the files which the flows read: an independent price-time matcher.

It shares no code with the venue. Every trade it makes is known, so that what a flow makes of its files can be judged.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

BUY, SELL = 1, -1
MID = 1_000_000
TICK = 100


@dataclass
class Resting:
    """A resting order."""

    order_id: int
    side: int
    price: int
    lots: int


@dataclass
class Exchange:
    """Price-time priority, nothing else."""

    levels: dict[int, dict[int, list[Resting]]] = field(default_factory=lambda: {BUY: {}, SELL: {}})
    orders: dict[int, Resting] = field(default_factory=dict)

    def prices(self, side: int) -> list[int]:
        """Return the prices of a side, best first."""
        return sorted(self.levels[side], reverse=side == BUY)

    def rest(self, order: Resting) -> None:
        """Put an order at the end of its queue."""
        self.orders[order.order_id] = order
        self.levels[order.side].setdefault(order.price, []).append(order)

    def remove(self, order: Resting) -> None:
        """Take an order out."""
        del self.orders[order.order_id]
        level = self.levels[order.side][order.price]
        level.remove(order)
        if not level:
            del self.levels[order.side][order.price]

    def reachable(self, side: int, limit: int) -> Resting | None:
        """Return the order that an incoming one would meet first."""
        prices = self.prices(-side)
        if not prices or (limit - prices[0]) * side < 0:
            return None
        return self.levels[-side][prices[0]][0]

    def match(self, side: int, limit: int, lots: int) -> list[tuple[Resting, int]]:
        """Match an incoming order; return whom it met with how many lots."""
        fills = []
        while lots:
            maker = self.reachable(side, limit)
            if maker is None:
                break
            taken = min(lots, maker.lots)
            maker.lots -= taken
            lots -= taken
            fills.append((maker, taken))
            if maker.lots == 0:
                self.remove(maker)
        return fills


class LobsterWriter:
    """Write an exchange's day as LOBSTER messages, with all levels or only the best ones."""

    def __init__(self, seed: int, levels_shown: int = 0) -> None:
        self.chance = random.Random(seed)
        self.exchange = Exchange()
        self.levels_shown = levels_shown
        self.next_id = 5000
        self.time_ns = 34_200_000_000_000
        self.lines: list[str] = []
        self.executions = 0
        self.mid = MID

    def draw_price(self, side: int) -> int:
        """Return a price around a middle that wanders, sometimes through it."""
        if self.chance.random() < 0.05:
            self.mid += self.chance.choice((-TICK, TICK))
        return self.mid - side * TICK * (self.chance.randint(1, 12) - self.chance.choice((0, 0, 0, 12)))

    def write(self, kind: int, order_id: int, lots: int, price: int, side: int, shown: bool = True) -> None:
        """Write a message, where its price is in the range that the file shows."""
        self.time_ns += self.chance.randint(1_000, 50_000_000)
        if shown:
            seconds, rest = divmod(self.time_ns, 1_000_000_000)
            self.lines.append(f"{seconds}.{rest:09d},{kind},{order_id},{lots},{price},{side}")

    def is_shown(self, side: int, price: int) -> bool:
        """Return whether a price is within the levels that the file shows."""
        if not self.levels_shown:
            return True
        prices = self.exchange.prices(side)[: self.levels_shown]
        return len(prices) < self.levels_shown or (price - prices[-1]) * side >= 0

    def open_book(self, count: int) -> None:
        """Fill the book with orders that the file never creates."""
        for _ in range(count):
            side = self.chance.choice((BUY, SELL))
            price = self.mid - side * TICK * self.chance.randint(1, 12)
            self.exchange.rest(Resting(self.new_id(), side, price, self.chance.randint(1, 9) * 10))

    def new_id(self) -> int:
        """Return the next order number; numbers rise, not by one."""
        self.next_id += self.chance.randint(1, 30)
        return self.next_id

    def step(self) -> None:
        """Let one thing happen."""
        roll = self.chance.random()
        if roll < 0.55 or not self.exchange.orders:
            self.submit()
        elif roll < 0.58:
            self.write(5, 0, self.chance.randint(1, 100), MID, self.chance.choice((BUY, SELL)))
        else:
            self.withdraw(roll)

    def submit(self) -> None:
        """Let an order come in: what crosses trades, the rest rests."""
        side = self.chance.choice((BUY, SELL))
        price, lots = self.draw_price(side), self.chance.randint(1, 12) * 10
        order_id = self.new_id()
        while lots:
            maker = self.exchange.reachable(side, price)
            if maker is None:
                break
            shown = self.is_shown(-side, maker.price)
            taken = self.exchange.match(side, price, min(lots, maker.lots))[0][1]
            lots -= taken
            self.executions += shown
            self.write(4, maker.order_id, taken, maker.price, -side, shown)
        if lots:
            self.exchange.rest(Resting(order_id, side, price, lots))
            self.write(1, order_id, lots, price, side, self.is_shown(side, price))

    def withdraw(self, roll: float) -> None:
        """Let an order be reduced or deleted."""
        order = self.chance.choice(list(self.exchange.orders.values()))
        shown = self.is_shown(order.side, order.price)
        if roll < 0.65 and order.lots > 10:
            order.lots -= 10
            self.write(2, order.order_id, 10, order.price, order.side, shown)
            return
        self.exchange.remove(order)
        self.write(3, order.order_id, order.lots, order.price, order.side, shown)


def lobster_day(seed: int, steps: int, levels_shown: int = 0, resting: int = 200) -> LobsterWriter:
    """Return a written day."""
    writer = LobsterWriter(seed, levels_shown)
    writer.open_book(resting)
    for _ in range(steps):
        writer.step()
    return writer
