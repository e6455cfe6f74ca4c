"""The simplest book there is: a list, sorted anew for every trade. What the engine does must be what this does."""

from __future__ import annotations

from typing import NamedTuple

from tarazy.domain.records import SelfTradePrevention, TimeInForce

BUY, SELL = 1, 2
GTC, IOC, FOK = TimeInForce.gtc, TimeInForce.ioc, TimeInForce.fok
TAKER, MAKER, BOTH, DECREMENT = SelfTradePrevention


class Resting:
    """An order of the list."""

    def __init__(self, number: int, account: int, side: int, price: int, lots: int, mode: int) -> None:
        self.number, self.account, self.side = number, account, side
        self.price, self.lots, self.mode = price, lots, mode


class Fill(NamedTuple):
    """A trade: the order that rested, its price, the lots."""

    maker: int
    price: int
    lots: int


class NaiveBook:
    """Orders in the order in which they came. Every account is its own owner."""

    def __init__(self) -> None:
        self.orders: list[Resting] = []

    def candidates(self, order: Resting) -> list[Resting]:
        """Return what an order could meet, first come first served at each price, best price first."""
        reachable = [o for o in self.orders if o.side != order.side and self.crosses(order, o.price)]
        return sorted(reachable, key=lambda o: o.price if order.side == BUY else -o.price)

    @staticmethod
    def crosses(order: Resting, price: int) -> bool:
        """Return whether an order takes a price."""
        return price <= order.price if order.side == BUY else price >= order.price

    def fillable(self, order: Resting) -> int:
        """Return what an order could fill without meeting its own account; expire-maker steps over its own."""
        total = 0
        for other in self.candidates(order):
            if other.account == order.account:
                if order.mode != MAKER:
                    break
                continue
            total += other.lots
        return total

    def place(self, order: Resting, time_in_force: int) -> list[Fill]:
        """Match an order and let its leaves quantity stay where its time in force says so."""
        if time_in_force == FOK and self.fillable(order) < order.lots:
            return []
        fills: list[Fill] = []
        while order.lots and (candidates := self.candidates(order)):
            other = candidates[0]
            lots = min(order.lots, other.lots)
            if other.account == order.account:
                if order.mode in (MAKER, BOTH):
                    self.orders.remove(other)
                if order.mode in (TAKER, BOTH):
                    return fills
                if order.mode == MAKER:
                    continue
            else:
                fills.append(Fill(other.number, other.price, lots))
            order.lots -= lots
            other.lots -= lots
            self.orders = [o for o in self.orders if o.lots]
        if order.lots and time_in_force == GTC:
            self.orders.append(order)
        return fills

    def cancel(self, index: int) -> Resting | None:
        """Take an order out of the list."""
        return self.orders.pop(index % len(self.orders)) if self.orders else None

    def shown(self, side: int) -> list[tuple[int, int, int]]:
        """Return a side of the book: (order, price, lots) in priority."""
        orders = [o for o in self.orders if o.side == side]
        return [(o.number, o.price, o.lots) for o in sorted(orders, key=lambda o: -o.price if side == BUY else o.price)]
