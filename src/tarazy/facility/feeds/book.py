"""The book of each market as clients see it: visible lots by price, with an update id that comes from the record.

**Update id.** The number of the last command that the book takes in: the book with id N is the engine's book after
command N of the record, for every reader, before and after a restart. A snapshot carries the id it was taken at. A
diff covers the ids U..u: every price that a command in there touched, with what it shows after command u. Diffs of one
stream follow each other without a gap, U = u of the one before + 1; a price that changed and changed back is in it, so
that a diff fits on every snapshot whose id lies within it or just before.

**What is shown.** Of an iceberg only the slice that it shows. While a market gathers orders for an auction its book is
shown as it is, and may be crossed. Orders that wait for a trigger are not in the book.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import Any, NamedTuple

from tarazy.domain.records import IncrementsChanged
from tarazy.domain.records import Side as OrderSide
from tarazy.facility.feeds.units import Units
from tarazy.facility.projections.book import LEVEL_VISIBLE, Book, Key
from tarazy.facility.projections.table import Table

BUY, SELL = int(OrderSide.buy), int(OrderSide.sell)
Level = tuple[int, int]  # price in ticks, visible lots


class BookDepth(NamedTuple):
    """The best levels of a book, best first, and the update id at which it is so."""

    update_id: int
    bids: list[Level]
    asks: list[Level]


class Touched(NamedTuple):
    """Prices of a market that changed: side and ticks; and those in units that are no longer the market's."""

    levels: set[tuple[int, int]]
    former: set[tuple[int, int, Units]]


class Diff(NamedTuple):
    """What a book shows at the prices that the commands from `first_id` to `last_id` touched; 0 lots: nothing.

    `former` are prices in units that the market had before: nothing stands there any more.
    """

    first_id: int
    last_id: int
    bids: list[Level]
    asks: list[Level]
    former: list[tuple[int, int, Units]]


class BookTracker:
    """What one consumer of diffs has not been told yet, by market."""

    def __init__(self, update_id: int) -> None:
        self.changed: dict[int, Touched] = {}
        self.reached: dict[int, int] = {}
        self.begin_id = update_id


class BookView(Book):
    """All books in memory, sorted, with trackers of what changes."""

    def make_tables(self) -> tuple[Table, ...]:
        """Return levels and resting orders."""
        self._sorted: dict[tuple[int, int], list[int]] = {}
        self._before: dict[int, set[tuple[int, int]]] = {}
        self._after: dict[int, set[tuple[int, int]]] = {}
        self._former: dict[int, Units] = {}
        self.trackers: list[BookTracker] = []
        self.touched_markets: set[int] = set()  # by the last frame
        return super().make_tables()

    @property
    def update_id(self) -> int:
        """Return the number of the last command that the books take in."""
        return self.cursor.next_seq - 1

    def adopt(self) -> None:
        """Sort the levels that a store has loaded."""
        self._sorted.clear()
        for market_id, side, price in self.levels.rows:
            insort(self._sorted.setdefault((market_id, side), []), _rank(side, price))

    def count(self, key: Key, visible: int, remaining: int, orders: int) -> None:
        """Add to a level, keep the prices sorted, and note that the level changed."""
        rows = self.levels.rows
        was_there = key in rows
        super().count(key, visible, remaining, orders)
        market_id, side, price = key
        if was_there != (key in rows):
            ranks = self._sorted.setdefault((market_id, side), [])
            rank = _rank(side, price)
            if was_there:
                del ranks[bisect_left(ranks, rank)]
            else:
                insort(ranks, rank)
        noted = self._before if orders < 0 else self._after
        noted.setdefault(market_id, set()).add((side, price))

    def increments_changed(self, event: IncrementsChanged) -> None:
        """Put a market's orders into its new lots and ticks; what stood in the former ones is gone."""
        self._former.setdefault(event.market_id, Units(event.from_lot_size_minor, event.from_tick_value_minor))
        super().increments_changed(event)

    def end_of_frame(self) -> None:
        """Count every order that changed, and tell the trackers which prices did."""
        super().end_of_frame()
        self.touched_markets = self._before.keys() | self._after.keys()
        for tracker in self.trackers:
            for market_id in self.touched_markets:
                changed = tracker.changed.get(market_id)
                if changed is None:
                    changed = tracker.changed[market_id] = Touched(set(), set())
                self._note(market_id, changed)
        self._before, self._after, self._former = {}, {}, {}

    def _note(self, market_id: int, changed: Touched) -> None:
        """Note the prices of a market that a frame changed."""
        before = self._before.get(market_id, set())
        units = self._former.get(market_id)
        if units is None:
            changed.levels.update(before)
        else:
            changed.former.update((*level, units) for level in changed.levels | before)
            changed.levels.clear()
        changed.levels.update(self._after.get(market_id, ()))

    # ------------------------------------------------------------ reading
    def track(self) -> BookTracker:
        """Return a new tracker: from here on it notes what changes."""
        tracker = BookTracker(self.update_id)
        self.trackers.append(tracker)
        return tracker

    def depth(self, market_id: int, limit: int) -> BookDepth:
        """Return the best levels of a market, at most so many a side."""
        return BookDepth(
            self.update_id, self.best_levels(market_id, BUY, limit), self.best_levels(market_id, SELL, limit)
        )

    def best_levels(self, market_id: int, side: int, limit: int) -> list[Level]:
        """Return price and visible lots of the best levels of a side, best first."""
        rows = self.levels.rows
        ranks = self._sorted.get((market_id, side), [])[-limit:]
        return [(abs(rank), rows[market_id, side, abs(rank)][LEVEL_VISIBLE]) for rank in reversed(ranks)]

    def take_diff(self, tracker: BookTracker, market_id: int) -> Diff | None:
        """Return what changed in a market since the tracker was asked last, None where nothing did."""
        changed = tracker.changed.pop(market_id, None)
        if changed is None:
            return None
        first_id = tracker.reached.get(market_id, tracker.begin_id) + 1
        tracker.reached[market_id] = self.update_id
        sides: dict[int, list[Level]] = {BUY: [], SELL: []}
        rows: Any = self.levels.rows
        for side, price in changed.levels:
            row = rows.get((market_id, side, price))
            sides[side].append((price, row[LEVEL_VISIBLE] if row else 0))
        return Diff(first_id, self.update_id, sides[BUY], sides[SELL], sorted(changed.former))


def _rank(side: int, price_ticks: int) -> int:
    """Return a number that is highest for the best price of a side."""
    return price_ticks if side == BUY else -price_ticks
