"""Play LOBSTER messages: orders rest under their own numbers, and each execution becomes an order that must meet one.

An execution of a visible order (type 4) is sent as an immediate-or-cancel order of the other side, of that size, at
that price: our matching decides which order it meets, and the report counts how often it is the one that the exchange
hit.

Orders without a creation in the file are placed by their number's age (numbers rise with the time of entry): those
older than the file before its first new order, later ones when the next newer order comes; at the latest before their
first message. What a message proves wrong in our book is put right before it is sent: an order ahead that the file
never mentions again (its price has left the shown range) is retired; one without a creation and without a message so
far was placed too early and comes back later; of orders older than the file, whose queue is not in it, the one ahead
goes to the end of its queue. What none of these explains stays in the way, and the report names it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NamedTuple

from tarazy.domain.records import MarketState
from tarazy.market_data.book_player import BookPlayer
from tarazy.market_data.commands import BUY, GTC, IOC, LIMIT, POST_ONLY, SELL, CommandWriter, ReplayedOrder
from tarazy.market_data.counts import Counts
from tarazy.market_data.lobster_rows import CROSS, DELETE, EXECUTE, HALT, HIDDEN, NEW, Earlier, LobsterSurvey, Message
from tarazy.market_data.recorded_book import Resting
from tarazy.market_data.tracker import Tracker
from tarazy.market_data.venue_setup import AccountPool, state_command

MEANINGS = {
    "rested": "new orders",
    "seeded": "orders whose creation is not in the file, placed by their number's age",
    "reduced": "partial cancels, as amendments that keep the place in the queue",
    "cancels": "deletes",
    "executions": "executions of visible orders, sent as immediate-or-cancel orders",
    "hidden": "executions of hidden orders, not played: no visible order took part",
    "crosses": "cross trades (auctions), not played: the file does not show their orders",
    "halts": "trading halts and resumptions, played as market states",
    "retired": "orders retired: what came after proves that they were gone, and the file never mentions them again",
    "postponed": "orders without a creation that were placed too early, and came back with their first message",
    "requeued": "orders older than the file moved to the end of their queue: an execution proves another order",
    "lost_delete": "new orders that cross an order of the file and are never seen again, sent as post-only",
    "in_the_way": "orders in the way of an execution or a new order that nothing explains",
    "unknown": "messages of orders that are not in the book",
    "too_large": "messages that take more off an order than it has",
    "duplicate": "new orders with the number of an open one, which was canceled",
    "restored": "orders placed again because our venue had filled them in another one's place",
    "cleaned": "orders canceled because the exchange had filled them and our venue had not",
}
HALTED, QUOTING, TRADING = -1, 0, 1


class Wanted(NamedTuple):
    """An execution that must happen: which order the exchange hit, and what stood in the way."""

    line: int
    order_id: int
    lots: int
    obstacle: int


def queue_order(ids_rise: bool) -> Callable[[Earlier], int]:
    """Return the key by which orders without a creation queue: by number or, where numbers say nothing, as executed."""
    return (lambda order: order.order_id) if ids_rise else (lambda order: order.executed_line or sys.maxsize)


class MessagePlayer(BookPlayer):
    """Turn messages into commands. `wanted` holds, per command number, the execution that it must bring about."""

    def __init__(self, survey: LobsterSurvey, writer: CommandWriter, pool: AccountPool, tracker: Tracker) -> None:
        super().__init__(writer, pool, tracker, Counts(MEANINGS), survey.silent_after)
        self.wanted: dict[int, Wanted] = {}
        self.earlier = sorted(survey.earlier, key=queue_order(survey.ids_rise), reverse=True)
        self.earlier_by_id = {order.order_id: order for order in survey.earlier}
        self.unconfirmed: set[int] = set()
        self.to_restore: list[int] = []
        self.ids_rise = survey.ids_rise
        self.market_state = int(MarketState.continuous)

    def play(self, message: Message) -> None:
        """Play one message."""
        self.line = message.line
        if message.kind == NEW:
            self.enter(message)
        elif message.kind == HIDDEN:
            self.counts.add("hidden")
        elif message.kind == CROSS:
            self.counts.add("crosses")
        elif message.kind == HALT:
            self.change_state(message.price_ticks)
        else:
            self.touch(message)

    # ---------------------------------------------------------------- orders come in
    def enter(self, message: Message) -> None:
        """Place a new order. It rested, so where it crosses, one of the two is not there any more."""
        self.seed_before(message.order_id)
        self.open_for_orders()
        if message.order_id in self.book.orders:
            self.cancel(self.book.orders[message.order_id], "duplicate")
        order_type = LIMIT
        if self.is_continuous() and self.book.crosses(message.side, message.price_ticks):
            if self.is_silent(message.order_id, message.line):
                self.try_post_only(message)
                return
            is_free = self.clear_way(message.side, message.price_ticks, None) == 0
            order_type = LIMIT if is_free else POST_ONLY
        self.rest_at(message.order_id, message.side, message.price_ticks, message.lots, "rested", order_type)

    def try_post_only(self, message: Message) -> None:
        """Send a new order that crosses and is never seen again; expect its refusal."""
        self.counts.add("lost_delete")
        order = self.order(message.order_id, message.side, message.price_ticks, message.lots, POST_ONLY, GTC)
        self.pool.give_back(order.account_id, self.pool.cost_minor(message.side, message.price_ticks, message.lots))
        self.to_check.append((self.writer.place(order), message.order_id))

    def seed_before(self, order_id: int) -> None:
        """Place the orders without a creation that are older than this one."""
        while self.earlier and (not self.ids_rise or self.earlier[-1].order_id < order_id):
            self.seed(self.earlier.pop())

    def seed(self, order: Earlier, is_due: bool = False) -> None:
        """Place an order without a creation, once; while it would cross, it waits until it is due."""
        crosses = self.is_continuous() and self.book.crosses(order.side, order.price_ticks)
        if order.order_id not in self.earlier_by_id or (crosses and not is_due):
            return
        del self.earlier_by_id[order.order_id]
        if order.order_id in self.book.orders:
            return
        is_free = not crosses or self.clear_way(order.side, order.price_ticks, None) == 0
        order_type = LIMIT if is_free else POST_ONLY
        self.rest_at(order.order_id, order.side, order.price_ticks, order.lots, "seeded", order_type).guessed = True
        self.unconfirmed.add(order.order_id)

    # ---------------------------------------------------------------- orders change, leave, trade
    def touch(self, message: Message) -> None:
        """Play a partial cancel, a delete or an execution of an order."""
        earlier = self.earlier_by_id.get(message.order_id)
        if earlier:
            self.seed_before(message.order_id)
            self.seed(earlier, is_due=True)
        self.unconfirmed.discard(message.order_id)
        resting = self.book.orders.get(message.order_id)
        if resting is None:
            self.counts.add("unknown")
            if message.kind == EXECUTE:
                self.execute(message, None)
            return
        if message.lots > resting.leaves_lots:
            self.counts.add("too_large")
        if message.kind == EXECUTE:
            self.execute(message, resting)
        elif message.kind == DELETE or message.lots >= resting.leaves_lots:
            self.cancel(resting, "cancels")
        else:
            self.reduce(resting, message.lots, "reduced")

    def execute(self, message: Message, resting: Resting | None) -> None:
        """Send the order that must bring the execution about."""
        self.counts.add("executions")
        if not self.is_continuous():
            self.change_state(TRADING)
        side = SELL if message.side == BUY else BUY
        price = resting.price_ticks if resting else message.price_ticks
        obstacle = self.clear_way(side, price, resting) if resting else 0
        account_id = self.pool.account_of(message.line, side)
        self.pool.cover(account_id, self.pool.cost_minor(side, price, message.lots))
        seq = self.writer.place(ReplayedOrder(0, side, price, message.lots, LIMIT, IOC, account_id))
        self.wanted[seq] = Wanted(message.line, message.order_id, message.lots, obstacle)
        if resting:
            self.book.reduce(resting, message.lots)
            if resting.leaves_lots <= 0:
                self.to_check.append((seq, resting.reference))

    def clear_way(self, side: int, price_ticks: int, target: Resting | None) -> int:
        """Put right what stands before the target, or before a new order; return the first obstacle left, or 0."""
        left = 0
        for resting in self.book.in_reach(side, price_ticks):
            if resting is target:
                break
            if self.is_silent(resting.reference, self.line):
                self.retire(resting)
            elif target and resting.guessed and resting.price_ticks == target.price_ticks:
                self.requeue(resting)
            elif resting.reference in self.unconfirmed:
                self.postpone(resting)
            else:
                self.leave_in_the_way(resting)
                left = left or resting.reference
        return left

    def postpone(self, resting: Resting) -> None:
        """Take out an order without a creation that was placed too early: it comes back with its first message."""
        self.cancel(resting, "postponed")
        self.unconfirmed.discard(resting.reference)
        order = Earlier(resting.reference, resting.side, resting.price_ticks, resting.leaves_lots)
        self.earlier_by_id[resting.reference] = order

    # ---------------------------------------------------------------- the market's state
    def is_continuous(self) -> bool:
        """Return whether the market trades."""
        return self.market_state == MarketState.continuous

    def open_for_orders(self) -> None:
        """Let a halted market take orders: the file shows that quoting has resumed."""
        if self.market_state == MarketState.halted:
            self.set_state(MarketState.pre_open)

    def change_state(self, indicator: int) -> None:
        """Play a halt (-1), quoting that resumes (0) or trading that resumes (1)."""
        self.counts.add("halts")
        if indicator == HALTED:
            if self.market_state != MarketState.halted:
                self.set_state(MarketState.halted)
            return
        self.open_for_orders()
        if indicator == TRADING and not self.is_continuous():
            self.set_state(MarketState.continuous)

    def set_state(self, market_state: int) -> None:
        """Send the market's new state."""
        self.writer.instruct([state_command(market_state)])
        self.market_state = int(market_state)

    # ---------------------------------------------------------------- what the venue did
    def reconcile(self) -> None:
        """Bring the venue's book back to the record's where an execution met another order than on the exchange."""
        self.clean_up()
        while self.to_restore:
            self.restore(self.to_restore.pop())

    def restore(self, order_id: int) -> None:
        """Place again an order that our venue filled in another one's place."""
        resting = self.book.orders.get(order_id)
        if resting is None or self.tracker.is_open(order_id):
            return
        self.counts.add("restored")
        order = self.order(order_id, resting.side, resting.price_ticks, resting.leaves_lots, LIMIT, GTC)
        self.book.remove(resting)
        resting.total_lots = resting.leaves_lots
        resting.seq = self.writer.place(order)
        self.book.add(resting)
