"""Play level-2 differences and trades: level quantities become orders, trades become aggressors.

Level-2 names no orders. A level that grows is a new order at the end of its queue; one that shrinks loses lots from the
end of its queue. A trade is sent as an immediate-or-cancel order of its size at its price, and our matching makes it.

Differences come every 100 ms, so what came and went between two of them is not in the record. A trade proves some of
it: better prices of the side that it hit were gone (they are withdrawn), and the quantity that it met was there (what
is missing is supplied). The next difference states the levels anew; a level that only a trade had changed, and that the
difference does not mention, goes back to what the exchange last said.
"""

from __future__ import annotations

from tarazy.market_data.binance_messages import BinanceTrade, Depth, DepthLevel, DepthSnapshot
from tarazy.market_data.book_player import BookPlayer
from tarazy.market_data.commands import BUY, IOC, LIMIT, POST_ONLY, SELL, CommandWriter, ReplayedOrder
from tarazy.market_data.counts import Counts
from tarazy.market_data.tracker import Tracker
from tarazy.market_data.venue_setup import AccountPool

MEANINGS = {
    "snapshot": "levels of the snapshot, one order each",
    "grown": "orders for levels that grew",
    "shrunk": "reductions of orders of levels that shrank",
    "cancels": "orders of levels that shrank, canceled",
    "trades": "trades, sent as immediate-or-cancel orders",
    "withdrawn": "orders withdrawn: a trade proves that their price was gone before the next difference says so",
    "supplied": "orders supplied: a trade proves a quantity that came and went between two differences",
}


class LevelPlayer(BookPlayer):
    """Turn differences and trades into commands. `stated` holds each level as the exchange last stated it."""

    def __init__(self, writer: CommandWriter, pool: AccountPool, tracker: Tracker) -> None:
        super().__init__(writer, pool, tracker, Counts(MEANINGS), {})
        self.stated: dict[tuple[int, int], int] = {}
        self.disturbed: set[tuple[int, int]] = set()
        self.next_reference = 1
        self.supplied_lots = 0

    def play_snapshot(self, snapshot: DepthSnapshot) -> None:
        """Place an order for every level."""
        for level in snapshot.levels:
            if level.lots:
                self.stated[level.side, level.price_ticks] = level.lots
                self.add(level.side, level.price_ticks, level.lots, "snapshot")

    def play_depth(self, depth: Depth) -> None:
        """Bring the levels to what the exchange states: first what shrinks, on both sides, then what grows."""
        for side, price, lots in depth.levels:
            self.disturbed.discard((side, price))
            if lots:
                self.stated[side, price] = lots
            else:
                self.stated.pop((side, price), None)
        again = [DepthLevel(side, price, self.stated.get((side, price), 0)) for side, price in sorted(self.disturbed)]
        self.disturbed.clear()
        changes = [(level, level.lots - self.lots_at(level.side, level.price_ticks)) for level in depth.levels + again]
        for level, growth in changes:
            if growth < 0:
                self.shrink(level.side, level.price_ticks, -growth)
        for level, growth in changes:
            if growth > 0:
                self.add(level.side, level.price_ticks, growth, "grown")

    def play_trade(self, trade: BinanceTrade) -> int:
        """Send a trade's aggressor; return the command's number."""
        maker_side = SELL if trade.side == BUY else BUY
        self.withdraw_better(trade.side, trade.price_ticks)
        missing = trade.lots - self.lots_at(maker_side, trade.price_ticks)
        if missing > 0:
            self.withdraw_crossing(maker_side, trade.price_ticks)
            self.supplied_lots += missing
            self.add(maker_side, trade.price_ticks, missing, "supplied")
        self.counts.add("trades")
        account_id = self.pool.account_of(trade.trade_id, trade.side)
        self.pool.cover(account_id, self.pool.cost_minor(trade.side, trade.price_ticks, trade.lots))
        seq = self.writer.place(ReplayedOrder(0, trade.side, trade.price_ticks, trade.lots, LIMIT, IOC, account_id))
        self.take_off(maker_side, trade.price_ticks, trade.lots)
        return seq

    def withdraw_better(self, side: int, price_ticks: int) -> None:
        """Cancel the orders that an aggressor would meet before its price."""
        for resting in self.book.in_reach(side, price_ticks):
            if resting.price_ticks == price_ticks:
                return
            self.disturbed.add((resting.side, resting.price_ticks))
            self.cancel(resting, "withdrawn")

    def withdraw_crossing(self, side: int, price_ticks: int) -> None:
        """Cancel the orders of the other side that an order to be supplied would cross."""
        for resting in self.book.in_reach(side, price_ticks):
            self.disturbed.add((resting.side, resting.price_ticks))
            self.cancel(resting, "withdrawn")

    def lots_at(self, side: int, price_ticks: int) -> int:
        """Return what the recorded book has at a price."""
        return sum(order.leaves_lots for order in self.book.levels[side].get(price_ticks, {}).values())

    def add(self, side: int, price_ticks: int, lots: int, count: str) -> None:
        """Place an order at the end of a level's queue."""
        if count == "supplied":
            self.disturbed.add((side, price_ticks))
        self.rest_at(self.next_reference, side, price_ticks, lots, count, POST_ONLY)
        self.next_reference += 1

    def shrink(self, side: int, price_ticks: int, lots: int) -> None:
        """Take lots off a level, from the end of its queue."""
        for resting in reversed(tuple(self.book.levels[side].get(price_ticks, {}).values())):
            if lots >= resting.leaves_lots:
                lots -= resting.leaves_lots
                self.cancel(resting, "cancels")
            elif lots:
                self.reduce(resting, lots, "shrunk")
                return

    def take_off(self, side: int, price_ticks: int, lots: int) -> None:
        """Take a trade off the recorded book, from the front of its queue."""
        self.disturbed.add((side, price_ticks))
        for resting in tuple(self.book.levels[side].get(price_ticks, {}).values()):
            taken = min(lots, resting.leaves_lots)
            lots -= taken
            if taken:
                self.book.reduce(resting, taken)
