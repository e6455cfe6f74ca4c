"""An independent ledger: all balances, rebuilt from the events alone.

It shares no line with the engines. An order's hold is what OrderAccepted said; a trade takes its cost from the buyer's
hold and its lots from the seller's, and gives back what the buyer held above the price; what is left of a filled
order's hold is given back without an event.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from tarazy.domain.records import MarketOpened, OrderAccepted

BUY, SELL = 1, 2
CLIENT, HOUSE = 1, 2


class OpenHold:
    """What an order still holds. `per_lot` is None for a market buy: it holds an amount and pays what it costs."""

    def __init__(self, event: OrderAccepted, asset_id: int) -> None:
        self.account_id, self.market_id, self.side = event.account_id, event.market_id, event.side
        self.asset_id = asset_id
        self.held = event.held_minor
        self.by_amount = event.quantity_lots == 0
        self.remaining = event.quantity_lots
        amount_only = event.order_type == 2 and not event.price_ticks and (event.side == BUY or self.by_amount)
        self.per_lot = None if amount_only else event.held_minor // event.quantity_lots


class EventLedger:
    """Balances by (account, asset), custody by (estate, place, asset), fees and house equity by asset."""

    def __init__(self) -> None:
        self.markets: dict[int, MarketOpened] = {}
        self.available: defaultdict[tuple[int, int], int] = defaultdict(int)
        self.held: defaultdict[tuple[int, int], int] = defaultdict(int)
        self.custody: defaultdict[tuple[int, int, int], int] = defaultdict(int)
        self.fees: defaultdict[int, int] = defaultdict(int)
        self.equity: defaultdict[int, int] = defaultdict(int)
        self.orders: dict[int, OpenHold] = {}

    def learn(self, event: Any) -> None:
        """Book one event; those that move nothing are passed over."""
        book = BOOKED.get(type(event).__name__)
        if book:
            book(self, event)

    def release(self, order: OpenHold, minor: int) -> None:
        """Give back a part of what an order holds."""
        order.held -= minor
        self.held[order.account_id, order.asset_id] -= minor
        self.available[order.account_id, order.asset_id] += minor

    def pay(self, order: OpenHold, minor: int, lots: int) -> None:
        """Take what an order pays for lots from its hold, and give back what it held for them beyond that."""
        order.held -= minor
        self.held[order.account_id, order.asset_id] -= minor
        if order.per_lot is not None:
            self.release(order, order.per_lot * lots - minor)

    # ------------------------------------------------------------ client assets and custody
    def market_opened(self, e: Any) -> None:
        self.markets[e.market_id] = e

    def deposited(self, e: Any) -> None:
        self.custody[CLIENT, e.place, e.asset_id] += e.amount_minor
        self.available[e.account_id, e.asset_id] += e.amount_minor
        assert self.available[e.account_id, e.asset_id] == e.available_minor

    def withdrawal_requested(self, e: Any) -> None:
        self.available[e.account_id, e.asset_id] -= e.amount_minor
        self.held[e.account_id, e.asset_id] += e.amount_minor

    def withdrawal_settled(self, e: Any) -> None:
        self.held[e.account_id, e.asset_id] -= e.amount_minor
        self.custody[CLIENT, e.place, e.asset_id] -= e.amount_minor

    def withdrawal_rejected(self, e: Any) -> None:
        self.held[e.account_id, e.asset_id] -= e.amount_minor
        self.available[e.account_id, e.asset_id] += e.amount_minor

    def custody_moved(self, e: Any) -> None:
        self.custody[e.estate, e.from_place, e.asset_id] -= e.amount_minor
        self.custody[e.estate, e.to_place, e.asset_id] += e.amount_minor

    def fees_swept(self, e: Any) -> None:
        self.fees[e.asset_id] -= e.amount_minor
        self.equity[e.asset_id] += e.amount_minor
        self.custody[CLIENT, e.from_place, e.asset_id] -= e.amount_minor
        self.custody[HOUSE, e.to_place, e.asset_id] += e.amount_minor

    def house_funded(self, e: Any) -> None:
        self.equity[e.asset_id] += e.amount_minor
        self.custody[HOUSE, e.place, e.asset_id] += e.amount_minor

    def house_drawn(self, e: Any) -> None:
        self.equity[e.asset_id] -= e.amount_minor
        self.custody[HOUSE, e.place, e.asset_id] -= e.amount_minor

    # ------------------------------------------------------------ orders
    def accepted(self, e: Any) -> None:
        market = self.markets[e.market_id]
        order = OpenHold(e, market.quote_asset_id if e.side == BUY else market.base_asset_id)
        self.orders[e.order_id] = order
        self.available[order.account_id, order.asset_id] -= order.held
        self.held[order.account_id, order.asset_id] += order.held

    def traded(self, e: Any) -> None:
        market = self.markets[e.market_id]
        maker, taker = self.orders[e.maker_order_id], self.orders[e.taker_order_id]
        buyer, seller = (maker, taker) if maker.side == BUY else (taker, maker)
        buyer_fee, seller_fee = (e.maker_fee_minor, e.taker_fee_minor)[:: 1 if buyer is maker else -1]
        cost = e.price_ticks * e.quantity_lots * market.tick_value_minor
        quantity = e.quantity_lots * market.lot_size_minor
        self.pay(buyer, cost, e.quantity_lots)
        seller.held -= quantity
        self.held[seller.account_id, seller.asset_id] -= quantity
        self.available[seller.account_id, market.quote_asset_id] += cost - seller_fee
        self.available[buyer.account_id, market.base_asset_id] += quantity - buyer_fee
        self.fees[market.quote_asset_id] += seller_fee
        self.fees[market.base_asset_id] += buyer_fee
        for number, order in ((e.maker_order_id, maker), (e.taker_order_id, taker)):
            order.remaining -= e.quantity_lots
            self.drop_if_done(number, order)

    def drop_if_done(self, number: int, order: OpenHold) -> None:
        """Forget an order without lots, and give back what it still holds; one by amount ends with its own event."""
        if order.remaining == 0 and not order.by_amount:
            self.release(order, order.held)
            del self.orders[number]

    def canceled(self, e: Any) -> None:
        order = self.orders.pop(e.order_id)
        assert order.held == e.released_minor, f"order {e.order_id} held {order.held}, released {e.released_minor}"
        self.release(order, e.released_minor)

    def amended(self, e: Any) -> None:
        order = self.orders[e.order_id]
        self.release(order, order.held - e.held_minor)
        order.remaining = e.remaining_lots
        order.per_lot = e.held_minor // e.remaining_lots

    def reduced(self, e: Any) -> None:
        order = self.orders[e.order_id]
        self.release(order, e.released_minor)
        order.remaining -= e.reduced_lots
        self.drop_if_done(e.order_id, order)

    # ------------------------------------------------------------ sums
    def client_pool(self, asset_id: int) -> int:
        """Return what lies in the client estate."""
        return sum(self.custody[CLIENT, place, asset_id] for place in (1, 2, 3, 4))

    def owed(self, asset_id: int) -> int:
        """Return what the clients own together."""
        return sum(minor for of in (self.available, self.held) for (_, asset), minor in of.items() if asset == asset_id)


BOOKED: dict[str, Callable[[EventLedger, Any], None]] = {
    "MarketOpened": EventLedger.market_opened,
    "DepositCredited": EventLedger.deposited,
    "WithdrawalRequested": EventLedger.withdrawal_requested,
    "WithdrawalSettled": EventLedger.withdrawal_settled,
    "WithdrawalRejected": EventLedger.withdrawal_rejected,
    "CustodyMoved": EventLedger.custody_moved,
    "FeesSwept": EventLedger.fees_swept,
    "HouseFunded": EventLedger.house_funded,
    "HouseDrawn": EventLedger.house_drawn,
    "OrderAccepted": EventLedger.accepted,
    "TradeExecuted": EventLedger.traded,
    "OrderCanceled": EventLedger.canceled,
    "OrderAmended": EventLedger.amended,
    "OrderReduced": EventLedger.reduced,
}
