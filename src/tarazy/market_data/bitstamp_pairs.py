"""Find who met whom among the rows of one millisecond, from the losses of volume that they show.

Each fill takes the same lots off two orders of opposite sides. What does not pair by equal losses is explained, in this
order: a cash order is printed with volume 0, so only the orders that it met show the fill; an order that
lost volume before the recording began shows a larger loss than its aggressor; a row that the record lost joins two
fills into one loss; and where the record lost the other order's row, the aggressor met an order that is not named.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tarazy.market_data.bitstamp_life import Life, Take
from tarazy.market_data.bitstamp_rows import BitstampRow


class Loss(NamedTuple):
    """A row in which an order lost volume; place is the row's in the block."""

    place: int
    row: BitstampRow
    lots: int


class Pairing:
    """The losses of a block on their way to be explained. `left` holds those that are not yet."""

    def __init__(self, rows: list[BitstampRow], lives: dict[int, Life]) -> None:
        self.lives = lives
        self.left = {loss.place: loss for loss in read_losses(rows, lives)}
        self.cash_orders = [life for life in lives.values() if life.is_cash_order]
        self.takes: list[tuple[int, Life, Take]] = []

    def run(self) -> None:
        """Give every aggressor its takes, in the order of the rows."""
        self.pair_equal()
        for loss in tuple(self.left.values()):
            if loss.place in self.left:
                self.explain(loss)
        for loss in tuple(self.left.values()):
            life = self.lives[loss.row.order_id]
            if life.created:
                self.take(life, None, loss, loss.lots)
        self.takes.sort(key=lambda entry: entry[0])
        for _, life, take in self.takes:
            life.takes.append(take)

    def take(self, taker: Life, maker: Life | None, loss: Loss, lots: int) -> None:
        """Note that an aggressor met an order; without one, an order that is not named."""
        maker_id = maker.order_id if maker else 0
        self.takes.append((loss.place, taker, Take(maker_id, lots, loss.row.price_ticks)))
        self.left.pop(loss.place, None)
        if maker:
            maker.taken_lots += lots

    def pair_equal(self) -> None:
        """Pair equal losses of opposite sides: those at one price first, then the nearest rows."""
        for _, _, a, b in sorted(candidate_pairs(list(self.left.values()))):
            if a.place not in self.left or b.place not in self.left:
                continue
            first, second = self.lives[a.row.order_id], self.lives[b.row.order_id]
            if first.created is None and second.created is None:
                continue
            if is_aggressor(first, second, a.row.price_ticks):
                first, second, a, b = second, first, b, a
            del self.left[a.place]
            self.take(second, first, b, b.lots)

    def explain(self, loss: Loss) -> None:
        """Explain a resting order's loss that no equal loss stands against."""
        maker = self.lives[loss.row.order_id]
        if maker.created and loss.row.price_ticks != maker.created.price_ticks:
            return
        for taker in self.aggressors_near(loss):
            if taker.is_cash_order:
                self.take(taker, maker, loss, loss.lots)
                return
            own = [other for other in self.left.values() if other.row.order_id == taker.order_id]
            same = [other for other in own if other.row.price_ticks == loss.row.price_ticks]
            if maker.created is None and same and same[0].lots < loss.lots:
                maker.stale_lots += loss.lots - same[0].lots
                del self.left[loss.place]
                self.take(taker, maker, same[0], same[0].lots)
                return
            if sum(other.lots for other in own) >= loss.lots:
                self.take(taker, maker, loss, loss.lots)
                self.use_up(own, loss.lots)
                return

    def aggressors_near(self, loss: Loss) -> list[Life]:
        """Return the orders that may have caused a loss: cash orders first, then earlier rows, then the nearest."""
        found = []
        for life in self.lives.values():
            if life.created and life.created.side != loss.row.side and life.order_id != loss.row.order_id:
                is_later = life.created.line > loss.row.line
                distance = abs(life.created.line - loss.row.line)
                found.append((not life.is_cash_order, is_later, distance, life.order_id, life))
        return [entry[-1] for entry in sorted(found)]

    def use_up(self, own: list[Loss], lots: int) -> None:
        """Take lots off an aggressor's unexplained losses, the first ones first."""
        for loss in own:
            used = min(lots, loss.lots)
            lots -= used
            del self.left[loss.place]
            if used < loss.lots:
                self.left[loss.place] = loss._replace(lots=loss.lots - used)
            if not lots:
                return


def read_losses(rows: list[BitstampRow], lives: dict[int, Life]) -> Iterator[Loss]:
    """Yield every loss of volume in the block, in the file's order."""
    places = {row.line: place for place, row in enumerate(rows)}
    losses = []
    for life in lives.values():
        volume = life.volume_before
        for row in life.later:
            if volume > row.volume_lots:
                losses.append(Loss(places[row.line], row, volume - row.volume_lots))
            volume = row.volume_lots
    return iter(sorted(losses))


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


def is_aggressor(first: Life, second: Life, price_ticks: int) -> bool:
    """Return whether the first of two orders came in against the second.

    The aggressor came in within the block; of two that did, the resting one's price is the fill's, and where that fits
    both, the aggressor has the later number.
    """
    if first.created is None or second.created is None:
        return first.created is not None
    fits_first = first.created.price_ticks == price_ticks
    if fits_first != (second.created.price_ticks == price_ticks):
        return not fits_first
    return first.order_id > second.order_id
