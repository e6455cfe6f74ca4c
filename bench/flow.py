"""Generator of the neutral single-symbol flow: seeded, with what a price-time engine must end up with.

60 % limit orders around a random-walk mid, 30 % cancels of an order that is resting, 10 % marketable limits that fill
completely. A plain reference book inside follows the flow, so that a cancel always names a resting order.
"""

from __future__ import annotations

import struct
from bisect import bisect_left, insort
from collections import deque

MASK = (1 << 64) - 1
RECORD = struct.Struct("<BBHIqQQ")
LIMIT, CANCEL, MARKETABLE = 0, 1, 2


class Random:
    """SplitMix64."""

    def __init__(self, seed: int) -> None:
        self.state = seed & MASK

    def below(self, bound: int) -> int:
        """Return the next number modulo a bound."""
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return (z ^ (z >> 31)) % bound


class ReferenceBook:
    """Sorted level keys (best last) and a queue per level; canceled orders leave their queue lazily."""

    def __init__(self) -> None:
        self.keys: tuple[list[int], list[int]] = ([], [])
        self.queues: tuple[dict[int, deque[int]], dict[int, deque[int]]] = ({}, {})
        self.depth: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self.open: dict[int, list[int]] = {}
        self.ids: list[int] = []
        self.place: dict[int, int] = {}
        self.trades = self.volume = self.notional = 0

    def available(self, side: int, limit: int, cap: int) -> int:
        """Return the lots that an order of this side could take up to its limit, at most about a cap."""
        total = 0
        for key in reversed(self.keys[1 - side]):
            price = abs(key)
            if total >= cap or (price > limit if side == 0 else price < limit):
                break
            total += self.depth[1 - side][key]
        return total

    def submit(self, number: int, side: int, price: int, lots: int) -> None:
        """Match a limit order and let its leaves quantity stand."""
        other = 1 - side
        while lots and self.keys[other]:
            key = self.keys[other][-1]
            if abs(key) > price if side == 0 else abs(key) < price:
                break
            lots = self.take(other, key, lots)
            self.drop_if_empty(other, key)
        if lots:
            self.rest(number, side, price, lots)

    def take(self, side: int, key: int, lots: int) -> int:
        """Fill against one level; return the lots left."""
        queue = self.queues[side][key]
        while lots and queue:
            maker = self.open.get(queue[0])
            if maker is None:
                queue.popleft()
                continue
            filled = min(lots, maker[2])
            lots -= filled
            self.trades += 1
            self.volume += filled
            self.notional += filled * abs(key)
            self.depth[side][key] -= filled
            maker[2] -= filled
            if maker[2] == 0:
                self.forget(queue.popleft())
        return lots

    def rest(self, number: int, side: int, price: int, lots: int) -> None:
        """Put an order at the end of its level."""
        key = price if side == 0 else -price
        if key not in self.queues[side]:
            self.queues[side][key] = deque()
            self.depth[side][key] = 0
            insort(self.keys[side], key)
        self.queues[side][key].append(number)
        self.depth[side][key] += lots
        self.open[number] = [side, price, lots]
        self.place[number] = len(self.ids)
        self.ids.append(number)

    def cancel(self, number: int) -> None:
        """Take an order out."""
        side, price, lots = self.open[number]
        key = price if side == 0 else -price
        self.depth[side][key] -= lots
        self.forget(number)
        self.drop_if_empty(side, key)

    def forget(self, number: int) -> None:
        """Remove an order from the list that cancels are drawn from."""
        at, last = self.place.pop(number), self.ids.pop()
        if last != number:
            self.ids[at] = last
            self.place[last] = at
        del self.open[number]

    def drop_if_empty(self, side: int, key: int) -> None:
        """Close a level without lots."""
        if self.depth[side][key] == 0:
            del self.queues[side][key], self.depth[side][key]
            del self.keys[side][bisect_left(self.keys[side], key)]


def generate_records(count: int, preload: int, seed: int) -> tuple[bytes, dict[str, int]]:
    """Return the records (32 bytes each, the preloaded ones first) and what they must end up with."""
    random, book, out = Random(seed), ReferenceBook(), []
    mid, number = 100_000, 0
    for i in range(preload + count):
        step = random.below(1000)
        mid += (step < 10) - (10 <= step < 20)
        dice = 0 if i < preload else random.below(10)
        kind = LIMIT if dice < 6 else CANCEL if dice < 9 else MARKETABLE
        if kind == CANCEL and not book.ids:
            kind = LIMIT
        if kind == MARKETABLE:
            side = random.below(2)
            price = mid + 200 if side == 0 else mid - 200
            wanted = 1 + random.below(250)
            lots = min(wanted, book.available(side, price, wanted))
            if lots == 0:
                kind = LIMIT
            else:
                number += 1
                out.append(RECORD.pack(MARKETABLE, side, 0, lots, price, number, 0))
                book.submit(number, side, price, lots)
        if kind == LIMIT:
            side, distance = random.below(2), 1
            while distance < 150 and random.below(100) >= 8:
                distance += 1
            price = mid - distance if side == 0 else mid + distance
            lots = 1 + random.below(100)
            number += 1
            out.append(RECORD.pack(LIMIT, side, 0, lots, price, number, 0))
            book.submit(number, side, price, lots)
        elif kind == CANCEL:
            target = book.ids[random.below(len(book.ids))]
            side, price, lots = book.open[target]
            out.append(RECORD.pack(CANCEL, side, 0, lots, price, 0, target))
            book.cancel(target)
    best = [abs(keys[-1]) if keys else 0 for keys in book.keys]
    expect = {"trades": book.trades, "volume": book.volume, "notional": book.notional, "resting": len(book.ids)}
    return b"".join(out), {**expect, "preload": preload, "best_bid": best[0], "best_ask": best[1]}
