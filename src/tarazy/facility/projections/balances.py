"""Balances: what each account owns of each asset, and the pools beside them, from events alone.

`accounts` holds available and held, `pools` all other ledger accounts of an asset, `holds` what each open order has
on hold. A trade takes its cost from the buyer's hold and its lots from the seller's, and gives back what the buyer held
above the price. What a filled order still holds is given back without an event of its own.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from tarazy.domain.records import (
    EventKind,
    IncrementsChanged,
    MarketOpened,
    OrderAccepted,
    OrderAmended,
    OrderCanceled,
    OrderReduced,
    OrderType,
    TradeExecuted,
)
from tarazy.domain.records import Side as OrderSide
from tarazy.facility.projections.base import Handler, Projection
from tarazy.facility.projections.effects import EFFECTS, Leg, Pool, Side
from tarazy.facility.projections.table import Column, Table, Width

BUY = int(OrderSide.buy)
MARKET = int(OrderType.market)
FEES = int(Pool.fees_earned)
# Columns of a hold.
ACCOUNT, ASSET, SIDE, HELD, PER_LOT, REMAINING, BY_AMOUNT = range(7)


class Terms(NamedTuple):
    """What a market's lots and ticks are worth."""

    base: int
    quote: int
    lot_size_minor: int
    tick_value_minor: int


class Balances(Projection):
    """Available and held of every account, and the pools."""

    name = "balances"
    summary = "what each account owns of each asset, the pools beside them, and what open orders hold"

    def make_tables(self) -> tuple[Table, ...]:
        """Return accounts, pools, holds and the markets' terms."""
        wide = Width.u128
        self.accounts = Table(
            "accounts",
            (Column("account_id"), Column("asset_id")),
            (Column("available_minor", wide), Column("held_minor", wide)),
        )
        self.pools = Table("pools", (Column("asset_id"), Column("pool"), Column("location")), (Column("minor", wide),))
        names = ("account_id", "asset_id", "side")
        amounts = (Column("held_minor", wide), Column("per_lot_minor", wide), Column("remaining_lots", Width.u64))
        self.holds = Table("holds", (Column("order_id"),), (*map(Column, names), *amounts, Column("by_amount")))
        self.markets = Table(
            "markets",
            (Column("market_id"),),
            (
                Column("base_asset_id"),
                Column("quote_asset_id"),
                Column("lot_size_minor", Width.u64),
                Column("tick_value_minor", Width.u64),
            ),
        )
        self._fees: dict[int, int] = {}
        self._rows = self.accounts.rows
        return self.accounts, self.pools, self.holds, self.markets

    def make_handlers(self) -> dict[Any, Handler]:
        """Return what is done with each kind of event."""
        moves: dict[Any, Handler] = {kind: partial(self.moved, legs) for kind, legs in EFFECTS.items()}
        return moves | {
            EventKind.market_opened: self.market_opened,
            EventKind.increments_changed: self.increments_changed,
            EventKind.order_accepted: self.order_accepted,
            EventKind.trade_executed: self.trade_executed,
            EventKind.order_canceled: self.order_canceled,
            EventKind.order_amended: self.order_amended,
            EventKind.order_reduced: self.order_reduced,
        }

    # ------------------------------------------------------------ reading
    def balance(self, account_id: int, asset_id: int) -> tuple[int, int]:
        """Return available and held."""
        row = self.accounts.rows.get((account_id, asset_id))
        return (row[0], row[1]) if row else (0, 0)

    def pool(self, asset_id: int, pool: Pool, location: int = 0) -> int:
        """Return the balance of a pool."""
        row = self.pools.rows.get((asset_id, int(pool), location))
        return int(row[0]) if row else 0

    # ------------------------------------------------------------ postings
    def add(self, account_id: int, asset_id: int, available: int, held: int) -> None:
        """Add to an account's two balances; an account with nothing has no row."""
        key = (account_id, asset_id)
        self.accounts.touch(key)
        row = self._rows.get(key)
        if row is None:
            if available or held:
                self._rows[key] = [available, held]
            return
        row[0] += available
        row[1] += held
        if row[0] == 0 == row[1]:
            del self._rows[key]

    def add_pool(self, asset_id: int, pool: int, location: int, minor: int) -> None:
        """Add to a pool; an empty one has no row."""
        key = (asset_id, pool, location)
        row = self.pools.rows.get(key)
        if minor == 0:
            return
        total = minor + (row[0] if row else 0)
        if total:
            self.pools.put(key, [total])
        elif row:
            self.pools.drop(key)

    def moved(self, legs: tuple[Leg, ...], event: Any) -> None:
        """Book an event that moves amounts."""
        for leg in legs:
            if leg.when is not None and not leg.when(event):
                continue
            minor = leg.sign * getattr(event, leg.amount)
            asset_id = getattr(event, leg.asset)
            if isinstance(leg.target, Pool):
                location = getattr(event, leg.location) if leg.location else 0
                self.add_pool(asset_id, int(leg.target), location, minor)
            elif leg.target is Side.available:
                self.add(getattr(event, leg.account), asset_id, minor, 0)
            else:
                self.add(getattr(event, leg.account), asset_id, 0, minor)

    # ------------------------------------------------------------ orders
    def market_opened(self, event: MarketOpened) -> None:
        """Remember what a market's lots and ticks are worth."""
        terms = Terms(event.base_asset_id, event.quote_asset_id, event.lot_size_minor, event.tick_value_minor)
        self.markets.put(event.market_id, terms)

    def increments_changed(self, event: IncrementsChanged) -> None:
        """Take a market's new lot size and tick value; what its orders hold stays, and each is told anew."""
        base, quote, _, _ = self.markets.rows[event.market_id]
        self.markets.put(event.market_id, Terms(base, quote, event.lot_size_minor, event.tick_value_minor))

    def order_accepted(self, event: OrderAccepted) -> None:
        """Hold what the order could cost. A market buy, or one by amount, holds an amount and not so much a lot.

        A market order that gathers for an auction states the price at which it holds.
        """
        base, quote, _, _ = self.markets.rows[event.market_id]
        asset_id = quote if event.side == BUY else base
        held, lots = event.held_minor, event.quantity_lots
        holds_amount = lots == 0 or (event.order_type == MARKET and event.side == BUY and event.price_ticks == 0)
        per_lot = 0 if holds_amount else held // lots
        row = [event.account_id, asset_id, event.side, held, per_lot, lots, int(lots == 0)]
        self.holds.put(event.order_id, row)
        self.add(event.account_id, asset_id, -held, held)

    def trade_executed(self, event: TradeExecuted) -> None:
        """Move what was traded and the fees, and give back what the buyer held above the price."""
        maker, taker = self.holds.rows[event.maker_order_id], self.holds.rows[event.taker_order_id]
        base, quote, lot_size, tick_value = self.markets.rows[event.market_id]
        lots = event.quantity_lots
        cost, quantity = event.price_ticks * lots * tick_value, lots * lot_size
        if maker[SIDE] == BUY:
            buyer, seller = maker, taker
            buyer_fee, seller_fee = event.maker_fee_minor, event.taker_fee_minor
        else:
            buyer, seller = taker, maker
            buyer_fee, seller_fee = event.taker_fee_minor, event.maker_fee_minor
        spent = buyer[PER_LOT] * lots or cost
        buyer[HELD] -= spent
        seller[HELD] -= quantity
        add = self.add
        add(buyer[ACCOUNT], quote, spent - cost, -spent)
        add(buyer[ACCOUNT], base, quantity - buyer_fee, 0)
        add(seller[ACCOUNT], base, 0, -quantity)
        add(seller[ACCOUNT], quote, cost - seller_fee, 0)
        fees = self._fees
        fees[base] = fees.get(base, 0) + buyer_fee
        fees[quote] = fees.get(quote, 0) + seller_fee
        self.take_lots(event.maker_order_id, maker, lots)
        self.take_lots(event.taker_order_id, taker, lots)

    def end_of_frame(self) -> None:
        """Add the fees of the frame's trades to their pools."""
        for asset_id, minor in self._fees.items():
            self.add_pool(asset_id, FEES, 0, minor)
        self._fees.clear()

    def take_lots(self, order_id: int, row: list[int], lots: int) -> None:
        """Count lots off an order; one without lots gives back the rest of its hold. One by amount ends by event."""
        self.holds.touch(order_id)
        if row[BY_AMOUNT]:
            return
        row[REMAINING] -= lots
        if row[REMAINING] == 0:
            if row[HELD]:
                self.add(row[ACCOUNT], row[ASSET], row[HELD], -row[HELD])
            del self.holds.rows[order_id]

    def order_canceled(self, event: OrderCanceled) -> None:
        """Give back what the order held."""
        row = self.holds.rows[event.order_id]
        if event.released_minor:
            self.add(row[ACCOUNT], row[ASSET], event.released_minor, -event.released_minor)
        self.holds.drop(event.order_id)

    def order_amended(self, event: OrderAmended) -> None:
        """Hold what the event says from now on."""
        row = self.holds.rows[event.order_id]
        more = event.held_minor - row[HELD]
        self.add(row[ACCOUNT], row[ASSET], -more, more)
        row[HELD], row[REMAINING] = event.held_minor, event.remaining_lots
        row[PER_LOT] = event.held_minor // event.remaining_lots
        self.holds.touch(event.order_id)

    def order_reduced(self, event: OrderReduced) -> None:
        """Give back what the lots held that self-trade prevention took off."""
        row = self.holds.rows[event.order_id]
        row[HELD] -= event.released_minor
        self.add(row[ACCOUNT], row[ASSET], event.released_minor, -event.released_minor)
        self.take_lots(event.order_id, row, event.reduced_lots)
