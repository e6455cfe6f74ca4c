"""Play the blocks of a Bitstamp order file: decide from the recorded rows how each order is sent to the venue.

- An order created and deleted within one millisecond, its volume whole, is sent as post-only: where it would cross, the
  venue refuses it as the exchange did.
- An order that loses volume in the millisecond of its creation is the aggressor: it is sent as a limit or a market
  order, immediate-or-cancel where what it leaves goes at once. Our matching makes the trades; no execution is copied.
- Everything else rests, is amended and is canceled as its rows say.

What the rows prove wrong in our book is put right before an order goes in: see `bitstamp_repair`.
"""

from __future__ import annotations

from collections import deque

from tarazy.market_data.bitstamp_life import Life, Take, read_lives
from tarazy.market_data.bitstamp_pairs import Pairing
from tarazy.market_data.bitstamp_repair import BlockRepairer
from tarazy.market_data.bitstamp_rows import CREATED, DELETED, BitstampRow, BitstampSurvey
from tarazy.market_data.commands import GTC, IOC, LIMIT, MARKET, POST_ONLY, CommandWriter
from tarazy.market_data.counts import Counts
from tarazy.market_data.recorded_book import Resting
from tarazy.market_data.tracker import Tracker
from tarazy.market_data.venue_setup import AccountPool

MEANINGS = {
    "snapshot": "orders of the opening snapshot",
    "seeded": "orders whose creation is not in the file, placed by their number's age",
    "rested": "orders that came in and rested",
    "aggressors": "orders that came in and traded",
    "cash_orders": "aggressors printed with volume 0 (by cash order quantity), their size taken from what they met",
    "post_only": "orders created and deleted in one millisecond with their volume whole, sent as post-only",
    "lost_delete": "of these, orders whose delete the record lost: they cross, did not trade, and are never seen again",
    "cancels": "cancels",
    "amendments": "amendments: volume or price changed without a trade",
    "reordered": "rows of one millisecond played in another order than the file's, because the fills prove it",
    "retired": "orders retired: the fills prove that they were gone, and the record never mentions them again",
    "corrected": "resting orders reduced to what their rows show: they had lost volume that the record does not show",
    "requeued": "snapshot orders moved to the end of their queue: a fill behind them proves another order of the queue",
    "stopped_early": "aggressors that the exchange stopped while an order in their reach was left",
    "in_the_way": "orders in the way of an aggressor or a resting order that nothing explains",
    "vanished": "orders that lost volume without an aggressor in the file, canceled",
    "without_volume": "orders without a volume and without a fill, not played",
    "unknown": "rows of orders that are not in the book",
    "cleaned": "orders canceled because the exchange had filled or refused them and our venue had not",
}


class BlockPlayer(BlockRepairer):
    """Turn blocks of rows into commands. `expected` holds, per aggressor's number, the fills that the rows show."""

    def __init__(self, survey: BitstampSurvey, writer: CommandWriter, pool: AccountPool, tracker: Tracker) -> None:
        super().__init__(writer, pool, tracker, Counts(MEANINGS), survey.silent_after)
        self.expected: dict[int, list[Take]] = {}
        self.unseen = deque(survey.unseen)
        self.unseen_ids = {order.order_id for order in survey.unseen}
        self.lives: dict[int, Life] = {}
        self.entered: set[int] = set()
        self.settled: set[int] = set()

    def play_snapshot(self, rows: list[BitstampRow]) -> None:
        """Place the orders that rested when the recording began, in the file's order."""
        for row in rows:
            order = self.rest_at(row.order_id, row.side, row.price_ticks, row.volume_lots, "snapshot", POST_ONLY)
            order.guessed = True

    def play(self, rows: list[BitstampRow]) -> bool:
        """Play the rows of one millisecond; return whether an aggressor was among them."""
        if self.unseen:
            self.seed_before(max((row.order_id for row in rows if row.action == CREATED), default=0))
        self.lives, has_losses = read_lives(rows, self.book)
        if has_losses:
            Pairing(rows, self.lives).run()
        self.entered.clear()
        self.settled.clear()
        for row in rows:
            life = self.lives[row.order_id]
            self.line = row.line
            if row.action == CREATED:
                self.enter(life)
            elif row is life.later[-1]:
                self.settle(life)
        return bool(self.expected)

    def seed_before(self, order_id: int) -> None:
        """Place the orders without a creation that are older than this one: numbers rise with the time of entry."""
        while self.unseen and self.unseen[0].order_id < order_id:
            order = self.unseen.popleft()
            if order.order_id not in self.unseen_ids or order.order_id in self.book.orders:
                continue
            if not self.book.crosses(order.side, order.price_ticks):
                seed = self.rest_at(
                    order.order_id, order.side, order.price_ticks, order.volume_lots, "seeded", POST_ONLY
                )
                seed.guessed = True

    # ---------------------------------------------------------------- an order comes in
    def enter(self, life: Life) -> None:
        """Send an order in, once."""
        row = life.created
        if row is None or life.order_id in self.entered:
            return
        self.entered.add(life.order_id)
        if life.order_id in self.book.orders:
            self.cancel(self.book.orders[life.order_id], "unknown")
        if life.takes and (self.book.crosses(row.side, row.price_ticks) or any(t.maker_id for t in life.takes)):
            self.take(life, row)
        elif row.volume_lots == 0 or row.price_ticks == 0:
            self.counts.add("without_volume")
        elif life.is_gone and life.is_whole:
            self.try_post_only(row)
        else:
            self.let_rest(life, row)

    def let_rest(self, life: Life, row: BitstampRow) -> None:
        """Send in an order that did not trade as it came in.

        Where it crosses, either what it crosses was gone, or the order itself was a refused post-only order whose
        delete the record lost: so it is where the record never mentions it again. What nothing explains is sent as
        post-only too, because the record says that it did not trade.
        """
        self.let_aggressors_first(life, row)
        crosses = self.book.crosses(row.side, row.price_ticks)
        if crosses and self.is_silent(life.order_id, life.later[-1].line if life.later else row.line):
            self.counts.add("lost_delete")
            self.try_post_only(row)
            return
        is_free = not crosses or self.clear_way(life, row)
        order_type = LIMIT if is_free else POST_ONLY
        self.rest_at(life.order_id, row.side, row.price_ticks, row.volume_lots, "rested", order_type)

    def try_post_only(self, row: BitstampRow) -> None:
        """Send an order that came and went whole; where the record has it crossing, expect the refusal."""
        if not self.book.crosses(row.side, row.price_ticks):
            self.rest_at(row.order_id, row.side, row.price_ticks, row.volume_lots, "post_only", POST_ONLY)
            return
        self.counts.add("post_only")
        order = self.order(row.order_id, row.side, row.price_ticks, row.volume_lots, POST_ONLY, GTC)
        self.pool.give_back(order.account_id, self.pool.cost_minor(row.side, row.price_ticks, row.volume_lots))
        self.to_check.append((self.writer.place(order), row.order_id))

    def take(self, life: Life, row: BitstampRow) -> None:
        """Send an aggressor in."""
        for taken in life.takes:
            maker = self.lives.get(taken.maker_id)
            if maker and maker.created and maker.order_id not in self.entered:
                self.counts.add("reordered")
                self.enter(maker)
            if maker and maker.stale_lots:
                self.correct(maker)
        is_free = self.clear_way(life, row)
        lots = max(row.volume_lots, life.taking_lots)
        if life.is_gone and not is_free and lots > life.taking_lots:
            self.counts.add("stopped_early")
            self.note(life.order_id, f"played with what it traded only: {MEANINGS['stopped_early']}")
            lots = life.taking_lots
        self.counts.add("cash_orders" if row.volume_lots == 0 else "aggressors")
        order_type = LIMIT if row.price_ticks else MARKET
        ends = life.is_gone or order_type == MARKET
        order = self.order(life.order_id, row.side, row.price_ticks, lots, order_type, IOC if ends else GTC)
        seq = self.writer.place(order)
        self.expected[life.order_id] = life.takes
        self.apply_takes(life, seq)
        rest = lots - life.taking_lots
        if rest > 0 and not ends:
            resting = Resting(life.order_id, row.side, row.price_ticks, rest, order.account_id, seq)
            resting.total_lots = lots
            self.book.add(resting)

    def correct(self, life: Life) -> None:
        """Take off a resting order what it had lost before its first row showed it."""
        resting = self.book.orders.get(life.order_id)
        if resting and life.stale_lots < resting.leaves_lots:
            self.reduce(resting, life.stale_lots, "corrected")
        life.stale_lots = 0

    def apply_takes(self, life: Life, seq: int) -> None:
        """Take the recorded fills off the recorded book; filled orders are checked against the venue's later."""
        for taken in life.takes:
            maker = self.book.orders.get(taken.maker_id)
            if maker is None:
                continue
            self.book.reduce(maker, taken.lots)
            if maker.leaves_lots <= 0:
                self.to_check.append((seq, taken.maker_id))

    # ---------------------------------------------------------------- an order changes or leaves
    def settle(self, life: Life) -> None:
        """Play an order's last row of the block, once."""
        if life.order_id in self.settled or not life.later:
            return
        self.settled.add(life.order_id)
        self.enter(life)
        while life.taken_lots and self.enter_taker_of(life.order_id):
            pass
        last = life.later[-1]
        resting = self.book.orders.get(life.order_id)
        if resting is None:
            if life.created is None and not life.taken_lots:
                self.counts.add("unknown")
                self.unseen_ids.discard(life.order_id)
        elif last.action == DELETED:
            self.cancel(resting, "cancels" if last.volume_lots == resting.leaves_lots else "vanished")
        else:
            self.amend(resting, life, last)

    def amend(self, resting: Resting, life: Life, last: BitstampRow) -> None:
        """Amend an order whose volume or price changed without a trade."""
        may_move = not life.takes and not life.taken_lots and last.price_ticks != 0
        price = last.price_ticks if may_move else resting.price_ticks
        growth = last.volume_lots - resting.leaves_lots
        if (growth == 0 and price == resting.price_ticks) or last.volume_lots == 0:
            return
        self.counts.add("amendments")
        self.pool.cover(resting.account_id, self.pool.cost_minor(resting.side, price, last.volume_lots))
        new_price = 0 if price == resting.price_ticks else price
        keeps_place = growth <= 0 and not new_price
        if not keeps_place:
            self.book.remove(resting)
        resting.price_ticks = price
        resting.leaves_lots = last.volume_lots
        resting.total_lots += growth
        self.writer.amend(resting.account_id, self.number_of(resting), new_price, resting.total_lots)
        if not keeps_place:
            self.book.add(resting)
