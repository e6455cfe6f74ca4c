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

from tarazy.facility.flow.bitstamp_rows import CHANGED, CREATED, DELETED, Row
from tarazy.facility.flow.recorded_book import RecordedBook


class Take(NamedTuple):
    """An incoming order met a resting one."""

    maker_id: int
    lots: int


class Loss(NamedTuple):
    """A row in which an order lost volume."""

    place: int
    row: Row
    lots: int


@dataclass(slots=True)
class Life:
    """The rows of one order in the block. volume_before is what was open before them."""

    order_id: int
    created: Row | None
    later: list[Row]
    volume_before: int
    takes: list[Take] = field(default_factory=list)
    taken_lots: int = 0

    @property
    def is_gone(self) -> bool:
        """Return whether the order is deleted in this block."""
        return bool(self.later) and self.later[-1].action == DELETED

    @property
    def volume_after(self) -> int:
        """Return what the last row leaves (of a deleted order: what was left when it went)."""
        return self.later[-1].volume_lots if self.later else self.volume_before

    @property
    def is_whole(self) -> bool:
        """Return whether the order lost nothing in this block."""
        return self.volume_after == self.volume_before and not self.takes and not self.taken_lots

    @property
    def taking_lots(self) -> int:
        """Return how much the order took as the aggressor."""
        return sum(take.lots for take in self.takes)


def read_lives(rows: list[Row], book: RecordedBook) -> dict[int, Life]:
    """Return the orders of a block with their rows in the order of their lives: created, changed, deleted."""
    grouped: dict[int, list[Row]] = {}
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
            life = Life(order_id, None, own, resting.remaining_lots if resting else first.volume_lots)
        lives[order_id] = life
        has_losses = has_losses or own[-1].volume_lots != life.volume_before
    if has_losses:
        pair_losses(rows, lives)
    return lives


def is_in_order(own: list[Row]) -> bool:
    """Return whether an order's rows begin with its creation, end with its deletion, and its volume only falls."""
    if own[0].action == DELETED or own[-1].action == CREATED:
        return False
    return len(own) == 2 or all(
        row.action == CHANGED and row.volume_lots <= before.volume_lots for before, row in pairwise(own[:-1])
    )


def life_order(row: Row) -> tuple[int, int]:
    """Return the sort key by which an order's rows follow each other: its volume only falls."""
    return (0 if row.action == CREATED else 2 if row.action == DELETED else 1, -row.volume_lots)


def read_losses(rows: list[Row], lives: dict[int, Life]) -> list[Loss]:
    """Return every loss of volume in the block, in the file's order."""
    places = {row.line: place for place, row in enumerate(rows)}
    losses = []
    for life in lives.values():
        volume = life.volume_before
        for row in life.later:
            if volume > row.volume_lots:
                losses.append(Loss(places[row.line], row, volume - row.volume_lots))
            volume = row.volume_lots
    losses.sort()
    return losses


def pair_losses(rows: list[Row], lives: dict[int, Life]) -> None:
    """Find the two sides of each fill: equal losses of opposite sides, of several those at one price and near.

    What is left over belongs to an order by amount: a market order that is printed with volume 0, so that only the
    orders it met show how much it traded.
    """
    losses = read_losses(rows, lives)
    used: set[int] = set()
    takes: list[tuple[int, Life, Take]] = []
    for _, _, a, b in sorted(candidate_pairs(losses)):
        if a.place in used or b.place in used:
            continue
        taker, maker = order_of_pair(lives[a.row.order_id], lives[b.row.order_id])
        if taker.created is None:
            continue
        used |= {a.place, b.place}
        own = a if a.row.order_id == taker.order_id else b
        takes.append((taker.later.index(own.row), taker, Take(maker.order_id, own.lots)))
        maker.taken_lots += own.lots
    takes += takes_by_amount(losses, used, lives)
    takes.sort(key=lambda entry: entry[0])
    for _, life, take in takes:
        life.takes.append(take)


def candidate_pairs(losses: list[Loss]) -> list[tuple[bool, int, Loss, Loss]]:
    """Return (whether the prices differ, distance in rows, loss, loss) for equal losses of opposite sides."""
    by_lots: dict[int, list[Loss]] = {}
    for loss in losses:
        by_lots.setdefault(loss.lots, []).append(loss)
    return [
        (a.row.price_ticks != b.row.price_ticks, abs(a.place - b.place), a, b)
        for equal in by_lots.values()
        for a in equal
        for b in equal
        if a.row.side < b.row.side
    ]


def order_of_pair(first: Life, second: Life) -> tuple[Life, Life]:
    """Return (aggressor, resting order): the aggressor came in within this block; of two, it has the later number."""
    if first.created is None or second.created is None:
        return (second, first) if first.created is None else (first, second)
    return (first, second) if first.order_id > second.order_id else (second, first)


def takes_by_amount(losses: list[Loss], used: set[int], lives: dict[int, Life]) -> list[tuple[int, Life, Take]]:
    """Return the fills of orders printed with volume 0: the unpaired losses of the other side."""
    by_amount = [life for life in lives.values() if life.created and life.created.volume_lots == 0]
    found = []
    for loss in losses:
        life = lives[loss.row.order_id]
        if loss.place in used or life.created is not None:
            continue
        candidates = [t for t in by_amount if t.created and t.created.side != loss.row.side]
        if candidates:
            taker = max(candidates, key=lambda t: (is_before(t, loss), t.order_id))
            used.add(loss.place)
            life.taken_lots += loss.lots
            found.append((loss.place, taker, Take(life.order_id, loss.lots)))
    return found


def is_before(life: Life, loss: Loss) -> bool:
    """Return whether an order was created before the row of a loss."""
    return life.created is not None and life.created.line < loss.row.line
