"""What the rows of one millisecond say together: which orders came in, and which orders they met.

This is the look-ahead of the import, bounded to one exchange millisecond. An order that comes in and trades has rows in
the same millisecond that show its losses of volume, and each loss stands beside an equal loss of the order it met. From
them the flow learns who was the aggressor, and in which order things happened; the venue's own matching makes the
trades.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from tarazy.market_data.bitstamp_rows import CHANGED, CREATED, DELETED, BitstampRow
from tarazy.market_data.recorded_book import RecordedBook


class Take(NamedTuple):
    """An incoming order met a resting one; 0 = one that the record does not name."""

    maker_id: int
    lots: int
    price_ticks: int


@dataclass(slots=True)
class Life:
    """The rows of one order in the block. volume_before is what was open before them.

    taken_lots: what aggressors of the block took off it. stale_lots: what it had lost before its first row showed it.
    """

    order_id: int
    created: BitstampRow | None
    later: list[BitstampRow]
    volume_before: int
    takes: list[Take] = field(default_factory=list)
    taken_lots: int = 0
    stale_lots: int = 0

    @property
    def is_gone(self) -> bool:
        """Return whether the order is deleted in this block."""
        return bool(self.later) and self.later[-1].action == DELETED

    @property
    def volume_after(self) -> int:
        """Return what the last row leaves (of a deleted order: what was left when it went)."""
        return self.later[-1].volume_lots if self.later else self.volume_before

    @property
    def is_cash_order(self) -> bool:
        """Return whether the order came in without a volume: a market order by an amount of money."""
        return self.created is not None and self.created.volume_lots == 0

    @property
    def is_whole(self) -> bool:
        """Return whether the order lost nothing in this block."""
        return self.volume_after == self.volume_before and not self.takes and not self.taken_lots

    @property
    def taking_lots(self) -> int:
        """Return how much the order took as the aggressor."""
        return sum(take.lots for take in self.takes)


def read_lives(rows: list[BitstampRow], book: RecordedBook) -> tuple[dict[int, Life], bool]:
    """Return the orders of a block, their rows in the order of their lives, and whether any of them lost volume."""
    grouped: dict[int, list[BitstampRow]] = {}
    for row in rows:
        if row.order_id in grouped:
            grouped[row.order_id].append(row)
        else:
            grouped[row.order_id] = [row]
    lives, has_losses = {}, False
    for order_id, own in grouped.items():
        if len(own) > 1 and not is_in_order(own):
            own.sort(key=life_order)
        first = own[0]
        if first.action == CREATED:
            life = Life(order_id, first, own[1:], first.volume_lots)
        else:
            resting = book.orders.get(order_id)
            life = Life(order_id, None, own, resting.leaves_lots if resting else first.volume_lots)
        lives[order_id] = life
        has_losses = has_losses or own[-1].volume_lots != life.volume_before
    return lives, has_losses


def is_in_order(own: list[BitstampRow]) -> bool:
    """Return whether an order's rows begin with its creation, end with its deletion, and its volume only falls."""
    if own[0].action == DELETED or own[-1].action == CREATED:
        return False
    return len(own) == 2 or all(
        row.action == CHANGED and row.volume_lots <= before.volume_lots for before, row in pairwise(own[:-1])
    )


def life_order(row: BitstampRow) -> tuple[int, int]:
    """Return the sort key by which an order's rows follow each other: its volume only falls."""
    return (0 if row.action == CREATED else 2 if row.action == DELETED else 1, -row.volume_lots)
