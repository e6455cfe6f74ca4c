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
LOCATIONS = (1, 2, 3, 4, 5)
WITHDRAWAL = 1


class OpenHold:
    """What an order still holds. `per_lot` is None for a market buy: it holds an amount and pays what it costs."""

    def __init__(self, event: OrderAccepted, asset_id: int) -> None:
        self.account_id, self.market_id, self.side = event.account_id, event.market_id, event.side
        self.asset_id = asset_id
        self.held = event.held_minor
        self.is_cash_order = event.quantity_lots == 0
        self.leaves = event.quantity_lots
        amount_only = event.order_type == 2 and not event.price_ticks and (event.side == BUY or self.is_cash_order)
        self.per_lot = None if amount_only else event.held_minor // event.quantity_lots


class EventLedger:
    """Balances by (account, asset), custody by (estate, location, asset), all other ledger accounts by asset.

    `receipts` holds what is open of each receipt by its number; what was asked to be returned is not open.
    """

    def __init__(self) -> None:
        self.markets: dict[int, MarketOpened] = {}
        self.available: defaultdict[tuple[int, int], int] = defaultdict(int)
        self.held: defaultdict[tuple[int, int], int] = defaultdict(int)
        self.custody: defaultdict[tuple[int, int, int], int] = defaultdict(int)
        self.fees: defaultdict[int, int] = defaultdict(int)
        self.equity: defaultdict[int, int] = defaultdict(int)
        self.shortfall: defaultdict[int, int] = defaultdict(int)
        self.unattributed: defaultdict[int, int] = defaultdict(int)
        self.float: defaultdict[int, int] = defaultdict(int)
        self.receipts: defaultdict[int, int] = defaultdict(int)
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

    def increments_changed(self, e: Any) -> None:
        units = {"lot_size_minor": e.lot_size_minor, "tick_value_minor": e.tick_value_minor}
        self.markets[e.market_id] = self.markets[e.market_id]._replace(**units)

    def deposited(self, e: Any) -> None:
        self.custody[CLIENT, e.location, e.asset_id] += e.amount_minor
        self.available[e.account_id, e.asset_id] += e.amount_minor
        assert self.available[e.account_id, e.asset_id] == e.available_minor

    def receipt_held(self, e: Any) -> None:
        self.unattributed[e.asset_id] += e.amount_minor
        self.receipts[e.receipt_id] += e.amount_minor
        if e.location:
            self.custody[CLIENT, e.location, e.asset_id] += e.amount_minor
        else:
            self.available[e.account_id, e.asset_id] -= e.amount_minor

    def receipt_attributed(self, e: Any) -> None:
        self.unattributed[e.asset_id] -= e.amount_minor
        self.receipts[e.receipt_id] -= e.amount_minor
        self.available[e.account_id, e.asset_id] += e.amount_minor

    def withdrawal_requested(self, e: Any) -> None:
        if e.withdrawal_kind != WITHDRAWAL:
            self.receipts[e.receipt_id] -= e.amount_minor
            return
        self.available[e.account_id, e.asset_id] -= e.amount_minor
        self.held[e.account_id, e.asset_id] += e.amount_minor

    def withdrawal_settled(self, e: Any) -> None:
        self.custody[CLIENT, e.location, e.asset_id] -= e.amount_minor
        if e.withdrawal_kind == WITHDRAWAL:
            self.held[e.account_id, e.asset_id] -= e.amount_minor
        else:
            self.unattributed[e.asset_id] -= e.amount_minor

    def withdrawal_undone(self, e: Any) -> None:
        self.custody[CLIENT, e.location, e.asset_id] += e.amount_minor
        if not e.receipt_id:
            self.held[e.account_id, e.asset_id] += e.amount_minor
            return
        self.unattributed[e.asset_id] += e.amount_minor
        if e.withdrawal_kind == WITHDRAWAL:
            self.receipts[e.receipt_id] += e.amount_minor

    def withdrawal_rejected(self, e: Any) -> None:
        if e.withdrawal_kind != WITHDRAWAL:
            self.receipts[e.receipt_id] += e.amount_minor
            return
        self.held[e.account_id, e.asset_id] -= e.amount_minor
        self.available[e.account_id, e.asset_id] += e.amount_minor

    def deposit_undone(self, e: Any) -> None:
        self.custody[CLIENT, e.location, e.asset_id] -= e.taken_minor + e.unattributed_minor + e.lost_minor
        self.available[e.account_id, e.asset_id] -= e.taken_minor
        self.unattributed[e.asset_id] -= e.unattributed_minor
        self.receipts[e.receipt_id] -= e.unattributed_minor
        self.shortfall[e.asset_id] += e.lost_minor

    def custody_moved(self, e: Any) -> None:
        self.custody[e.estate, e.from_location, e.asset_id] -= e.amount_minor
        self.custody[e.estate, e.to_location, e.asset_id] += e.amount_minor

    def asset_migrated(self, e: Any) -> None:
        for asset_id, minor in ((e.asset_id, -e.amount_minor), (e.to_asset_id, e.amount_minor)):
            self.custody[CLIENT, e.location, asset_id] += minor
            self.available[e.account_id, asset_id] += minor

    def ownership_transferred(self, e: Any) -> None:
        self.available[e.from_account_id, e.asset_id] -= e.amount_minor
        self.available[e.account_id, e.asset_id] += e.amount_minor

    # ------------------------------------------------------------ the house, shortfalls and fees
    def house_gives(self, e: Any) -> None:
        """Book assets that go from the house's estate to the clients'."""
        self.custody[HOUSE, e.from_location, e.asset_id] -= e.amount_minor
        self.custody[CLIENT, e.to_location, e.asset_id] += e.amount_minor
        self.equity[e.asset_id] -= e.amount_minor

    def float_lent(self, e: Any) -> None:
        self.house_gives(e)
        self.float[e.asset_id] += e.amount_minor

    def topped_up(self, e: Any) -> None:
        self.house_gives(e)
        self.shortfall[e.asset_id] -= e.amount_minor

    def compensated(self, e: Any) -> None:
        self.house_gives(e)
        self.available[e.account_id, e.asset_id] += e.amount_minor

    def topped_up_from_fees(self, e: Any) -> None:
        self.fees[e.asset_id] -= e.fees_minor
        self.float[e.asset_id] -= e.float_minor
        self.shortfall[e.asset_id] -= e.fees_minor + e.float_minor

    def loss_recorded(self, e: Any) -> None:
        self.custody[CLIENT, e.location, e.asset_id] -= e.amount_minor
        self.shortfall[e.asset_id] += e.amount_minor

    def loss_recovered(self, e: Any) -> None:
        self.custody[CLIENT, e.location, e.asset_id] += e.amount_minor
        self.shortfall[e.asset_id] -= e.amount_minor

    def network_fee_paid(self, e: Any) -> None:
        self.custody[CLIENT, e.location, e.asset_id] -= e.float_minor + e.fees_minor + e.lost_minor
        self.float[e.asset_id] -= e.float_minor
        self.fees[e.asset_id] -= e.fees_minor
        self.shortfall[e.asset_id] += e.lost_minor

    def fee_refunded(self, e: Any) -> None:
        self.fees[e.asset_id] -= e.amount_minor
        self.available[e.account_id, e.asset_id] += e.amount_minor

    def trade_busted(self, e: Any) -> None:
        self.fees[e.asset_id] -= e.fee_minor
        self.available[e.from_account_id, e.asset_id] += e.fee_minor - e.amount_minor
        self.available[e.account_id, e.asset_id] += e.amount_minor

    def block_leg_settled(self, e: Any) -> None:
        self.fees[e.asset_id] += e.fee_minor
        self.available[e.from_account_id, e.asset_id] -= e.amount_minor
        self.available[e.account_id, e.asset_id] += e.amount_minor - e.fee_minor

    def fees_swept(self, e: Any) -> None:
        self.fees[e.asset_id] -= e.amount_minor
        self.equity[e.asset_id] += e.amount_minor
        self.custody[CLIENT, e.from_location, e.asset_id] -= e.amount_minor
        self.custody[HOUSE, e.to_location, e.asset_id] += e.amount_minor

    def house_funded(self, e: Any) -> None:
        self.equity[e.asset_id] += e.amount_minor
        self.custody[HOUSE, e.location, e.asset_id] += e.amount_minor

    def house_drawn(self, e: Any) -> None:
        self.equity[e.asset_id] -= e.amount_minor
        self.custody[HOUSE, e.location, e.asset_id] -= e.amount_minor

    # ------------------------------------------------------------ orders
    def accepted(self, e: Any) -> None:
        market = self.markets[e.market_id]
        order = OpenHold(e, market.quote_asset_id if e.side == BUY else market.base_asset_id)
        self.orders[e.order_id] = order
        self.available[order.account_id, order.asset_id] -= order.held
        self.held[order.account_id, order.asset_id] += order.held

    def order_held(self, e: Any) -> None:
        order = self.orders[e.order_id]
        self.release(order, -e.held_minor)
        order.per_lot = order.held // order.leaves

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
            order.leaves -= e.quantity_lots
            self.drop_if_done(number, order)

    def drop_if_done(self, number: int, order: OpenHold) -> None:
        """Forget an order without lots, and give back what it still holds; a cash order ends with its own event."""
        if order.leaves == 0 and not order.is_cash_order:
            self.release(order, order.held)
            del self.orders[number]

    def canceled(self, e: Any) -> None:
        order = self.orders.pop(e.order_id)
        assert order.held == e.released_minor, f"order {e.order_id} held {order.held}, released {e.released_minor}"
        self.release(order, e.released_minor)

    def amended(self, e: Any) -> None:
        order = self.orders[e.order_id]
        self.release(order, order.held - e.held_minor)
        order.leaves = e.leaves_lots
        order.per_lot = e.held_minor // e.leaves_lots

    def reduced(self, e: Any) -> None:
        order = self.orders[e.order_id]
        self.release(order, e.released_minor)
        order.leaves -= e.reduced_lots
        self.drop_if_done(e.order_id, order)

    # ------------------------------------------------------------ sums
    def client_pool(self, asset_id: int) -> int:
        """Return what lies in the client estate."""
        return sum(self.custody[CLIENT, location, asset_id] for location in LOCATIONS)

    def clients(self, asset_id: int) -> int:
        """Return what the clients own together."""
        return sum(minor for of in (self.available, self.held) for (_, asset), minor in of.items() if asset == asset_id)

    def owed(self, asset_id: int) -> int:
        """Return what the client pool is for: clients, unattributed receipts, fees earned, network float."""
        return self.clients(asset_id) + self.unattributed[asset_id] + self.fees[asset_id] + self.float[asset_id]


BOOKED: dict[str, Callable[[EventLedger, Any], None]] = {
    "MarketOpened": EventLedger.market_opened,
    "IncrementsChanged": EventLedger.increments_changed,
    "DepositCredited": EventLedger.deposited,
    "WithdrawalRequested": EventLedger.withdrawal_requested,
    "WithdrawalSettled": EventLedger.withdrawal_settled,
    "WithdrawalRejected": EventLedger.withdrawal_rejected,
    "CustodyMoved": EventLedger.custody_moved,
    "FeesSwept": EventLedger.fees_swept,
    "HouseFunded": EventLedger.house_funded,
    "HouseDrawn": EventLedger.house_drawn,
    "ReceiptHeld": EventLedger.receipt_held,
    "ReceiptAttributed": EventLedger.receipt_attributed,
    "WithdrawalUndone": EventLedger.withdrawal_undone,
    "DepositUndone": EventLedger.deposit_undone,
    "AssetMigrated": EventLedger.asset_migrated,
    "OwnershipTransferred": EventLedger.ownership_transferred,
    "FloatLent": EventLedger.float_lent,
    "ShortfallToppedUp": EventLedger.topped_up,
    "ShortfallToppedUpFromFees": EventLedger.topped_up_from_fees,
    "ClientCompensated": EventLedger.compensated,
    "LossRecorded": EventLedger.loss_recorded,
    "LossRecovered": EventLedger.loss_recovered,
    "NetworkFeePaid": EventLedger.network_fee_paid,
    "FeeRefunded": EventLedger.fee_refunded,
    "MakerRebated": EventLedger.fee_refunded,
    "TradeBusted": EventLedger.trade_busted,
    "BlockLegSettled": EventLedger.block_leg_settled,
    "OrderAccepted": EventLedger.accepted,
    "TradeExecuted": EventLedger.traded,
    "OrderCanceled": EventLedger.canceled,
    "OrderAmended": EventLedger.amended,
    "OrderReduced": EventLedger.reduced,
    "OrderHeld": EventLedger.order_held,
}
