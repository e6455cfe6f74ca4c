"""The book of one market: two sides of price levels, each a queue in time priority, and orders that wait to trigger.

A level is an ordered dict from order number to order: its first entry has priority. `keys[side]` holds the level keys
in rising order, the best one last; the key is the price for bids and minus the price for asks. Untriggered orders are
kept by trigger price in two sorted lists: a print at or above the trigger elects those in `trigger_above`, one at or
below it those in `trigger_below`. An elected order waits in `elected`, first come first, until the market lets it act;
its priority is the number of its election, and 0 before. `held` are orders that wait for a call phase, `sessional` all
whose time in force ends with a session, `auction_only` those in the book that an auction's end takes out. `pending` are
orders of a list that wait for its working order, `leg_holds` what orders of lists hold themselves where that is less
than they would alone. A trailing stop has a `trail`; once it has begun it waits by its present trigger, a sell among
the triggers below and a buy among the triggers above, and `extremes[side]` finds those that a print moves.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict

from tarazy.domain.records import OrderType, Side, TimeInForce
from tarazy.spec.trailing import Trail, trailing_trigger

BUY = int(Side.buy)
SELL = int(Side.sell)
STOP_TYPES = (OrderType.stop_loss, OrderType.stop_loss_limit)
TAKE_TYPES = (OrderType.take_profit, OrderType.take_profit_limit)
TRIGGER_TYPES = STOP_TYPES + TAKE_TYPES
TRIGGER_MARKET_TYPES = (OrderType.stop_loss, OrderType.take_profit)
MARKET_TYPES = (OrderType.market, *TRIGGER_MARKET_TYPES)
DAY = int(TimeInForce.day)
AUCTION_TIMES = (TimeInForce.at_the_opening, TimeInForce.at_the_close)


class Order:
    """An open order. `quantity` is its total, `leaves` what is open, `visible` what the book shows of it."""

    __slots__ = (
        "account_id",
        "approval_id",
        "client_order_id",
        "display_lots",
        "expire_ns",
        "leaves_lots",
        "order_id",
        "order_type",
        "owner_id",
        "price_ticks",
        "priority",
        "quantity_lots",
        "self_trade_prevention",
        "session_id",
        "side",
        "time_in_force",
        "trigger_price_ticks",
        "visible_lots",
    )

    def __init__(self) -> None:
        self.order_id = 0
        self.client_order_id = 0
        self.account_id = 0
        self.owner_id = 0
        self.approval_id = 0
        self.side = 0
        self.order_type = 0
        self.time_in_force = 0
        self.self_trade_prevention = 0
        self.session_id = 0
        self.price_ticks = 0
        self.trigger_price_ticks = 0
        self.quantity_lots = 0
        self.leaves_lots = 0
        self.visible_lots = 0
        self.display_lots = 0
        self.expire_ns = 0
        self.priority = 0


def is_trigger_above(order: Order) -> bool:
    """Return whether the order has its trigger above the last price."""
    return (order.order_type in STOP_TYPES) == (order.side == BUY)


class Book:
    """Resting and untriggered orders of one market."""

    def __init__(self) -> None:
        self.keys: dict[int, list[int]] = {BUY: [], SELL: []}
        self.levels: dict[int, dict[int, OrderedDict[int, Order]]] = {BUY: {}, SELL: {}}
        self.resting: dict[int, Order] = {}
        self.untriggered: dict[int, Order] = {}
        self.trigger_above: list[tuple[int, int]] = []
        self.trigger_below: list[tuple[int, int]] = []
        self.elected: list[tuple[int, int]] = []
        self.held: dict[int, None] = {}
        self.sessional: dict[int, None] = {}
        self.auction_only: dict[int, None] = {}
        self.pending: dict[int, None] = {}
        self.leg_holds: dict[int, int] = {}
        self.trails: dict[int, Trail] = {}
        self.extremes: dict[int, list[tuple[int, int]]] = {BUY: [], SELL: []}
        self.by_account: dict[int, dict[int, Order]] = {}
        self.priority_next = 1

    def best(self, side: int) -> Order | None:
        """Return the order with price-time priority on a side, or None."""
        keys = self.keys[side]
        if not keys:
            return None
        return next(iter(self.levels[side][keys[-1]].values()))

    def best_price(self, side: int) -> int:
        """Return the best price of a side, 0 when it is empty."""
        keys = self.keys[side]
        return abs(keys[-1]) if keys else 0

    def is_crossed(self) -> bool:
        """Return whether the best bid is at or above the best ask."""
        bids, asks = self.keys[BUY], self.keys[SELL]
        return bool(bids and asks) and bids[-1] >= -asks[-1]

    def insert(self, order: Order) -> None:
        """Put an order at the end of its level's queue, showing its slice, with the next priority number."""
        order.visible_lots = order.leaves_lots
        if order.display_lots:
            order.visible_lots = min(order.display_lots, order.leaves_lots)
        order.priority = self.priority_next
        self.priority_next += 1
        self.restore(order)

    def restore(self, order: Order) -> None:
        """Put an order at the end of its level's queue as it is."""
        key = order.price_ticks if order.side == BUY else -order.price_ticks
        levels = self.levels[order.side]
        level = levels.get(key)
        if level is None:
            level = levels[key] = OrderedDict()
            insort(self.keys[order.side], key)
        level[order.order_id] = order
        self.resting[order.order_id] = order
        if order.order_type in MARKET_TYPES or order.time_in_force in AUCTION_TIMES:
            self.auction_only[order.order_id] = None
        self._remember(order)

    def remove(self, order: Order) -> None:
        """Take a resting order out of the book."""
        key = order.price_ticks if order.side == BUY else -order.price_ticks
        level = self.levels[order.side][key]
        del level[order.order_id]
        if not level:
            del self.levels[order.side][key]
            keys = self.keys[order.side]
            del keys[bisect_left(keys, key)]
        del self.resting[order.order_id]
        self._forget(order)

    def fill(self, order: Order, lots: int) -> bool:
        """Take lots off a resting order's slice; return whether it then showed its next slice.

        A filled order leaves the book; an iceberg's next slice goes to the end of the queue.
        """
        order.leaves_lots -= lots
        order.visible_lots -= lots
        if order.leaves_lots == 0:
            self.remove(order)
            return False
        if order.visible_lots:
            return False
        self.remove(order)
        self.insert(order)
        return True

    def reduce(self, order: Order, lots: int) -> None:
        """Take lots off a resting order without a fill: it keeps its place, or leaves when nothing is left."""
        order.quantity_lots -= lots
        order.leaves_lots -= lots
        order.visible_lots = min(order.visible_lots, order.leaves_lots)
        if order.leaves_lots == 0:
            self.remove(order)

    def add_untriggered(self, order: Order) -> None:
        """Keep an order that waits for a call phase, for its trigger, or elected for the market to take it."""
        self.untriggered[order.order_id] = order
        if order.time_in_force in AUCTION_TIMES:
            self.held[order.order_id] = None
        elif order.priority:
            insort(self.elected, (order.priority, order.order_id))
        else:
            self._enqueue_untriggered(order)
        self._remember(order)

    def hold_back(self, order: Order) -> None:
        """Keep an order that waits for the working order of its list."""
        self.untriggered[order.order_id] = order
        self.pending[order.order_id] = None
        self._remember(order)

    def begin(self, order: Order) -> None:
        """Let an order that was held back wait for its trigger or, where it has none, for its turn."""
        del self.pending[order.order_id]
        if order.order_type in TRIGGER_TYPES:
            self._enqueue_untriggered(order)
        else:
            self._append_elected(order)

    def remove_untriggered(self, order: Order) -> None:
        """Take out an order that waits."""
        if order.order_id in self.pending:
            del self.pending[order.order_id]
            self.trails.pop(order.order_id, None)
        elif order.order_id in self.held:
            del self.held[order.order_id]
        elif order.priority:
            del self.elected[bisect_left(self.elected, (order.priority, order.order_id))]
        else:
            self._dequeue_untriggered(order)
        del self.untriggered[order.order_id]
        self._forget(order)

    def elect(self, order: Order) -> None:
        """Put an untriggered order behind those that were elected before it."""
        self._dequeue_untriggered(order)
        self._append_elected(order)

    def trail_from(self, order: Order, price_ticks: int) -> None:
        """Let a trailing stop that waits follow from a price."""
        trailing_bp = self.trails[order.order_id].trailing_bp
        self._dequeue_untriggered(order)
        self.trails[order.order_id] = Trail(trailing_bp, price_ticks)
        order.trigger_price_ticks = trailing_trigger(order.side, price_ticks, trailing_bp)
        self._enqueue_untriggered(order)

    def follow(self, price_ticks: int) -> None:
        """Let the trailing stops follow whose extreme a print has passed."""
        highs, lows = self.extremes[SELL], self.extremes[BUY]
        passed = highs[: bisect_left(highs, (price_ticks, 0))] + lows[bisect_left(lows, (price_ticks + 1, 0)) :]
        for _, number in passed:
            self.trail_from(self.untriggered[number], price_ticks)

    def next_elected(self) -> Order | None:
        """Return the order that was elected first, or None."""
        return self.untriggered[self.elected[0][1]] if self.elected else None

    def take_auction_only(self) -> list[Order]:
        """Return the orders that stood in a call phase alone and still stand, and forget them."""
        orders = [self.resting[number] for number in self.auction_only if number in self.resting]
        self.auction_only = {}
        return orders

    def next_triggered(self, price_ticks: int) -> Order | None:
        """Return the next order that a print elects: triggers above first, nearest trigger first."""
        if self.trigger_above and self.trigger_above[0][0] <= price_ticks:
            return self.untriggered[self.trigger_above[0][1]]
        if self.trigger_below and self.trigger_below[-1][0] >= price_ticks:
            trigger = self.trigger_below[-1][0]
            return self.untriggered[self.trigger_below[bisect_left(self.trigger_below, (trigger, 0))][1]]
        return None

    def find(self, order_id: int) -> Order | None:
        """Return an open order, resting or untriggered."""
        return self.resting.get(order_id) or self.untriggered.get(order_id)

    def get(self, order_id: int) -> Order:
        """Return an open order that is known to be there. Raises: KeyError."""
        return self.resting[order_id] if order_id in self.resting else self.untriggered[order_id]

    def _append_elected(self, order: Order) -> None:
        order.priority = self.priority_next
        self.priority_next += 1
        self.elected.append((order.priority, order.order_id))

    def _queue_of(self, order: Order) -> list[tuple[int, int]]:
        trail = self.trails.get(order.order_id)
        rises = order.side == BUY if trail and trail.extreme_ticks else is_trigger_above(order)
        return self.trigger_above if rises else self.trigger_below

    def _enqueue_untriggered(self, order: Order) -> None:
        insort(self._queue_of(order), (order.trigger_price_ticks, order.order_id))
        trail = self.trails.get(order.order_id)
        if trail and trail.extreme_ticks:
            insort(self.extremes[order.side], (trail.extreme_ticks, order.order_id))

    def _dequeue_untriggered(self, order: Order) -> None:
        queue = self._queue_of(order)
        del queue[bisect_left(queue, (order.trigger_price_ticks, order.order_id))]
        trail = self.trails.pop(order.order_id, None)
        if trail and trail.extreme_ticks:
            extremes = self.extremes[order.side]
            del extremes[bisect_left(extremes, (trail.extreme_ticks, order.order_id))]

    def _remember(self, order: Order) -> None:
        if order.time_in_force >= DAY:
            self.sessional[order.order_id] = None
        self.by_account.setdefault(order.account_id, {})[order.order_id] = order

    def _forget(self, order: Order) -> None:
        self.sessional.pop(order.order_id, None)
        orders = self.by_account[order.account_id]
        del orders[order.order_id]
        if not orders:
            del self.by_account[order.account_id]
