"""An independent book: who rests where in which order, rebuilt from the events alone by brute force.

It knows no levels and no indexes: the order with priority is the smallest of a plain list, by price, then by the time
at which it entered (or showed its last slice).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from tarazy.domain.records import OrderType, TimeInForce
from tarazy.spec.legs import working_leg

BUY, SELL = 1, 2
# An order of these waits until it joins its auction.
AUCTION_TIMES = (TimeInForce.at_the_opening, TimeInForce.at_the_close)
TRIGGER_TYPES = (OrderType.stop_loss, OrderType.stop_loss_limit, OrderType.take_profit, OrderType.take_profit_limit)


class Queued:
    """An order as the events tell it."""

    def __init__(self, e: Any) -> None:
        self.order_id, self.account_id, self.market_id, self.side = e.order_id, e.account_id, e.market_id, e.side
        self.price, self.leaves, self.display = e.price_ticks, e.quantity_lots, e.display_lots
        self.is_cash_order = e.quantity_lots == 0
        self.visible = 0
        self.entered = 0
        self.rests = False


class Queues:
    """All orders of all markets, and the checks on every trade."""

    def __init__(self) -> None:
        self.orders: dict[int, Queued] = {}
        self.active: Queued | None = None
        self.entries = 0
        self.auction_price: dict[int, int] = {}
        self.trades = {1: 0, 2: 0}
        self.names: set[tuple[int, int]] = set()
        self.restated_by = 0

    def first(self, market_id: int, side: int) -> Queued | None:
        """Return the resting order with priority."""
        resting = [o for o in self.orders.values() if o.rests and (o.market_id, o.side) == (market_id, side)]
        return min(resting, key=lambda o: (-o.price if side == BUY else o.price, o.entered), default=None)

    def enter(self, order: Queued) -> None:
        """Put an order at the end of its price."""
        self.entries += 1
        order.entered, order.rests = self.entries, True
        order.visible = min(order.display, order.leaves) if order.display else order.leaves

    def settle_active(self) -> None:
        """Let the order that came in last rest, if it is still there: its matching is over."""
        order, self.active = self.active, None
        if order and order.order_id in self.orders and not order.is_cash_order:
            self.enter(order)

    def learn(self, event: Any) -> None:
        """Follow one event and check it."""
        name = type(event).__name__
        if name in ("OrderAccepted", "OrderTriggered", "OrderJoined", "MarketStateChanged", "AuctionUncrossed"):
            self.settle_active()
        if name == "OrderAccepted":
            self.orders[event.order_id] = Queued(event)
            untriggered = event.order_type in TRIGGER_TYPES or event.time_in_force in AUCTION_TIMES
            if not untriggered and not working_leg(event.order_id):
                self.active = self.orders[event.order_id]
        elif name == "OrderTriggered":
            self.active = self.orders[event.order_id]
        elif name == "OrderJoined":
            order = self.orders[event.order_id]
            order.price = event.price_ticks
            self.active = order
        elif name == "AuctionUncrossed":
            self.auction_price[event.market_id] = event.price_ticks
        elif name == "TradeExecuted":
            self.check_trade(event)
        elif name == "OrderCanceled":
            del self.orders[event.order_id]
        elif name == "OrderReduced":
            self.take(self.orders[event.order_id], event.reduced_lots, shown=False)
        elif name == "OrderReplenished":
            self.replenish(event)
        elif name == "OrderAmended":
            self.amend(event)
        elif name == "IncrementsChanged":
            self.restate(event)

    def end_of_command(self, open_markets: set[int]) -> None:
        """Settle what came in, and check that no continuous market is crossed."""
        self.settle_active()
        for market_id in open_markets:
            bid, ask = self.first(market_id, BUY), self.first(market_id, SELL)
            assert not (bid and ask and bid.price >= ask.price), f"market {market_id} rests crossed"

    def check_trade(self, e: Any) -> None:
        """Check that the maker was first in its queue and the price is its own, or the auction's."""
        self.trades[e.trade_kind] += 1
        assert (e.seq, e.trade_index) not in self.names, "two trades of one name"
        self.names.add((e.seq, e.trade_index))
        maker, taker = self.orders[e.maker_order_id], self.orders[e.taker_order_id]
        assert (maker.side, taker.side) in ((BUY, SELL), (SELL, BUY))
        assert self.first(e.market_id, maker.side) is maker, f"{e.maker_order_id} traded before its turn in {e}"
        assert 0 < e.quantity_lots <= maker.visible
        if e.trade_kind == 1:
            assert taker is self.active
            assert e.price_ticks == maker.price
            assert not taker.price or not self.is_beyond(taker, e.price_ticks), f"{e} is beyond the taker's limit"
            self.take(taker, e.quantity_lots, shown=False)
        else:
            assert self.first(e.market_id, taker.side) is taker, f"{e.taker_order_id} traded before its turn in {e}"
            assert e.quantity_lots <= taker.visible
            assert e.price_ticks == self.auction_price[e.market_id]
            assert maker.price <= e.price_ticks <= taker.price
            self.take(taker, e.quantity_lots, shown=True)
        self.take(maker, e.quantity_lots, shown=True)

    def is_beyond(self, order: Queued, price: int) -> bool:
        """Return whether a price is worse than the order's limit."""
        return bool(price > order.price if order.side == BUY else price < order.price)

    def take(self, order: Queued, lots: int, shown: bool) -> None:
        """Take lots off an order; without any it is gone."""
        if order.is_cash_order:
            return
        order.leaves -= lots
        order.visible = order.visible - lots if shown else min(order.visible, order.leaves)
        assert order.leaves >= 0
        if order.leaves == 0:
            del self.orders[order.order_id]

    def replenish(self, e: Any) -> None:
        """Show an iceberg's next slice at the end of its price."""
        order = self.orders[e.order_id]
        assert order.display
        assert order.visible == 0
        self.enter(order)
        assert (order.visible, order.leaves) == (e.visible_lots, e.leaves_lots)

    def amend(self, e: Any) -> None:
        """Change an order: it keeps its place or becomes the one that comes in."""
        order = self.orders[e.order_id]
        if e.seq == self.restated_by:
            assert (e.priority_kept, e.leaves_lots) == (1, order.leaves)
            assert e.price_ticks == order.price or not order.rests  # an untriggered market buy tells its collar
            return
        if e.priority_kept:
            assert e.price_ticks == order.price
            assert e.leaves_lots < order.leaves
            order.leaves = e.leaves_lots
            order.visible = min(order.visible, order.leaves)
            return
        self.settle_active()
        order.price, order.leaves, order.rests = e.price_ticks, e.leaves_lots, False
        self.active = order

    def restate(self, e: Any) -> None:
        """Put a market's orders into new lots and ticks: the same quantity, price of a unit and place."""
        quantity = Fraction(e.from_lot_size_minor, e.lot_size_minor)
        price = Fraction(e.from_tick_value_minor, e.tick_value_minor) / quantity
        self.restated_by = e.seq
        for order in self.orders.values():
            if order.market_id == e.market_id:
                order.price, order.leaves = whole(order.price * price), whole(order.leaves * quantity)
                order.display, order.visible = whole(order.display * quantity), whole(order.visible * quantity)


def whole(value: Fraction) -> int:
    """Return a fraction that must be an integer."""
    assert value.denominator == 1, f"{value} is not whole in the new units"
    return value.numerator
