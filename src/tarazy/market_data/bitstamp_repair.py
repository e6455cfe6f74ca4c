"""Put right what the rows of an incoming order prove wrong in the book, before the order goes in.

The venue could only match against an order that the exchange did not have. Explained are: an order that the same
millisecond cancels or fills first; one that the record never mentions again (retired); one of the snapshot, whose place
in the queue is not in the record (it goes to the end of its queue). An obstacle that none of these explains stays, and
the report names it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from tarazy.market_data.bitstamp_life import Life, Take
from tarazy.market_data.bitstamp_rows import BitstampRow
from tarazy.market_data.book_player import BookPlayer
from tarazy.market_data.recorded_book import Resting


class BlockRepairer(BookPlayer, ABC):
    """Clear the way of the orders of one block: `lives`. `entered` and `settled` are those already played."""

    lives: dict[int, Life]
    entered: set[int]
    settled: set[int]
    unseen_ids: set[int]

    @abstractmethod
    def enter(self, life: Life) -> None:
        """Send an order in, once."""

    @abstractmethod
    def settle(self, life: Life) -> None:
        """Play an order's last row of the block, once."""

    def let_aggressors_first(self, life: Life, row: BitstampRow) -> None:
        """Send in first an aggressor of this block that would otherwise meet the order, and did not."""
        for other in self.lives.values() if len(self.lives) > 1 else ():
            taker = other.created
            if not other.takes or taker is None or other.order_id in self.entered or taker.side == row.side:
                continue
            if any(taken.maker_id == life.order_id for taken in other.takes) or not self.is_met_by(row, other, taker):
                continue
            self.counts.add("reordered")
            self.enter(other)

    def is_met_by(self, row: BitstampRow, taker: Life, taker_row: BitstampRow) -> bool:
        """Return whether a resting order at this row's price would be met by an aggressor before its last fill."""
        rises = 1 if taker_row.side == 1 else -1
        if taker_row.price_ticks and rises * row.price_ticks > rises * taker_row.price_ticks:
            return False
        makers = [self.book.orders.get(taken.maker_id) for taken in taker.takes]
        prices = [rises * maker.price_ticks for maker in makers if maker]
        has_rest = taker_row.volume_lots > taker.taking_lots
        return has_rest or (bool(prices) and rises * row.price_ticks < max(prices))

    def clear_way(self, life: Life, row: BitstampRow) -> bool:
        """Clear the way of an incoming order; return whether nothing that it did not meet is left in its reach.

        An order that it met without the record naming it is taken to be the first at that price.
        """
        is_free = True
        wanted = {take.maker_id: take.lots for take in life.takes if take.maker_id}
        unnamed = [take for take in life.takes if not take.maker_id]
        has_rest = row.volume_lots > life.taking_lots
        for resting in self.book.in_reach(row.side, row.price_ticks):
            lots = wanted.pop(resting.reference, 0) or name_take(life, unnamed, resting)
            if lots:
                if lots < resting.leaves_lots and not wanted and not unnamed:
                    break
                continue
            if life.takes and not wanted and not unnamed and not has_rest:
                break
            if self.book.orders.get(resting.reference) is resting:
                is_free &= self.clear(resting, wanted)
        return is_free

    def clear(self, resting: Resting, wanted: dict[int, int]) -> bool:
        """Take an order out of the way where the record explains it; return whether it is gone."""
        life = self.lives.get(resting.reference)
        if life and life.is_gone and not life.taken_lots:
            self.counts.add("reordered")
            self.settle(life)
            return True
        if life and life.taken_lots and self.enter_taker_of(resting.reference):
            return resting.reference not in self.book.orders
        if self.is_silent(resting.reference, self.line) or resting.reference in self.unseen_ids:
            self.retire(resting)
            return True
        if resting.guessed and any(self.is_beside(resting, order_id) for order_id in wanted):
            self.requeue(resting)
            return True
        self.leave_in_the_way(resting)
        return False

    def enter_taker_of(self, order_id: int) -> bool:
        """Send in the aggressor of this block that met the order; return whether there was one to send."""
        for life in self.lives.values():
            if life.order_id not in self.entered and any(taken.maker_id == order_id for taken in life.takes):
                self.counts.add("reordered")
                self.enter(life)
                return True
        return False

    def is_beside(self, resting: Resting, order_id: int) -> bool:
        """Return whether an order rests at the same price."""
        other = self.book.orders.get(order_id)
        return other is not None and other.price_ticks == resting.price_ticks


def name_take(life: Life, unnamed: list[Take], resting: Resting) -> int:
    """Let a resting order be the one that an unnamed take met, where the price fits; return how many lots it gave."""
    for take in unnamed:
        if take.price_ticks == resting.price_ticks:
            lots = min(take.lots, resting.leaves_lots)
            unnamed.remove(take)
            life.takes.remove(take)
            life.takes.append(take._replace(maker_id=resting.reference, lots=lots))
            if lots < take.lots:
                rest = take._replace(lots=take.lots - lots)
                unnamed.append(rest)
                life.takes.append(rest)
            return lots
    return 0
