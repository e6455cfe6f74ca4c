"""What the level-3 flows share: place, cancel and requeue recorded orders, and keep the recorded book beside the venue.

A recorded order that the fills prove gone, though the record never says so, is *silent*: `silent_after` gives the last
line that mentions it. A *guessed* order is older than the record: its place in the queue is not in the record.
"""

from __future__ import annotations

from collections import deque

from tarazy.market_data.commands import BUY, GTC, LIMIT, SELL, CommandWriter, ReplayedOrder
from tarazy.market_data.counts import Counts
from tarazy.market_data.recorded_book import RecordedBook, Resting
from tarazy.market_data.tracker import Tracker
from tarazy.market_data.venue_setup import AccountPool

NOTES_MAX = 10_000
NOTES_EACH_MAX = 3


class BookPlayer:
    """Play recorded orders. `counts` tells how often what was done; `notes` what was remarkable about an order."""

    def __init__(
        self, writer: CommandWriter, pool: AccountPool, tracker: Tracker, counts: Counts, silent_after: dict[int, int]
    ) -> None:
        self.writer = writer
        self.pool = pool
        self.tracker = tracker
        self.counts = counts
        self.silent_after = silent_after
        self.book = RecordedBook()
        self.to_check: deque[tuple[int, int]] = deque()
        self.notes: dict[int, list[str]] = {}
        self.line = 0

    def note(self, order_id: int, text: str) -> None:
        """Keep a remark on an order for the report's causes; beyond the limits it is dropped."""
        if len(self.notes) < NOTES_MAX:
            notes = self.notes.setdefault(order_id, [])
            if len(notes) < NOTES_EACH_MAX:
                notes.append(text)

    def is_silent(self, order_id: int, line: int) -> bool:
        """Return whether the record never mentions an order again after a line."""
        silent_after = self.silent_after.get(order_id)
        return silent_after is not None and silent_after <= line

    def number_of(self, resting: Resting) -> int:
        """Return the venue's number of an order: as its events said or, before they came, as it was foreseen."""
        return self.tracker.number_of.get(resting.reference, resting.seq)

    def order(
        self, order_id: int, side: int, price: int, lots: int, order_type: int, time_in_force: int
    ) -> ReplayedOrder:
        """Return an order of the account that owns it, with cover for what it costs; price 0 = a market order."""
        account_id = self.pool.account_of(order_id, side)
        worst = price or 2 * max(self.book.best_price(BUY), self.book.best_price(SELL))
        self.pool.cover(account_id, self.pool.cost_minor(side, worst, lots))
        return ReplayedOrder(order_id, side, price, lots, order_type, time_in_force, account_id)

    def rest_at(self, order_id: int, side: int, price: int, lots: int, count: str, order_type: int = LIMIT) -> Resting:
        """Place an order that rests."""
        self.counts.add(count)
        order = self.order(order_id, side, price, lots, order_type, GTC)
        resting = Resting(order_id, side, price, lots, order.account_id, self.writer.place(order))
        self.book.add(resting)
        return resting

    def cancel(self, resting: Resting, count: str) -> None:
        """Cancel a resting order."""
        self.counts.add(count)
        self.writer.cancel(resting.account_id, resting.reference)
        cost = self.pool.cost_minor(resting.side, resting.price_ticks, resting.leaves_lots)
        self.pool.give_back(resting.account_id, cost)
        self.book.remove(resting)

    def reduce(self, resting: Resting, lots: int, count: str) -> None:
        """Take lots off an order; it keeps its place."""
        self.counts.add(count)
        resting.total_lots -= lots
        self.writer.amend(resting.account_id, self.number_of(resting), 0, resting.total_lots)
        cost = self.pool.cost_minor(resting.side, resting.price_ticks, lots)
        self.pool.give_back(resting.account_id, cost)
        self.book.reduce(resting, lots)

    def retire(self, resting: Resting) -> None:
        """Cancel an order that the fills prove gone."""
        self.cancel(resting, "retired")
        self.note(resting.reference, f"retired at line {self.line}: {self.counts.meanings['retired']}")

    def requeue(self, resting: Resting) -> None:
        """Send a guessed order to the end of its queue: one lot more gives up its place, one less keeps the new one."""
        self.counts.add("requeued")
        self.pool.cover(resting.account_id, self.pool.cost_minor(resting.side, resting.price_ticks, 1))
        order_id = self.number_of(resting)
        self.writer.amend(resting.account_id, order_id, 0, resting.total_lots + 1)
        self.writer.amend(resting.account_id, order_id, 0, resting.total_lots)
        self.book.remove(resting)
        self.book.add(resting)

    def leave_in_the_way(self, resting: Resting) -> None:
        """Count an obstacle that nothing explains."""
        self.counts.add("in_the_way")
        self.note(resting.reference, f"in the way at line {self.line}")

    def clean_up(self) -> None:
        """Cancel what is open in the venue though the exchange had filled or refused it."""
        while self.to_check and self.to_check[0][0] <= self.tracker.seq_seen:
            _, order_id = self.to_check.popleft()
            if self.tracker.is_open(order_id) and order_id not in self.book.orders:
                self.counts.add("cleaned")
                order = self.tracker.open[self.tracker.number_of[order_id]]
                self.writer.cancel(self.pool.account_of(order_id, order.side), order_id)
