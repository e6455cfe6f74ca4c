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
    OrderType,
)
from tarazy.domain.records import Side as OrderSide
from tarazy.facility.projections.base import FirstHandler, Handler, Projection, Rows
from tarazy.facility.projections.effects import EFFECTS, Leg, Pool, Side
from tarazy.facility.projections.table import Column, Table, Width

BUY = int(OrderSide.buy)
MARKET = int(OrderType.market)
FEES = int(Pool.fees_earned)
# Columns of a hold.
ACCOUNT, ASSET, SIDE, HELD, PER_LOT, LEAVES, CASH_ORDER = range(7)

ACCEPTED = tuple("order_type side market_id account_id order_id price_ticks quantity_lots held_minor".split())
TERMS = tuple("market_id base_asset_id quote_asset_id lot_size_minor tick_value_minor".split())


class Terms(NamedTuple):
    """What a market's lots and ticks are worth."""

    base: int
    quote: int
    lot_size_minor: int
    tick_value_minor: int


class Balances(Projection):
    """Available and held of every account, and the pools."""

    name = "balances"
    layout = 2
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
        amounts = (Column("held_minor", wide), Column("per_lot_minor", wide), Column("leaves_lots", Width.u64))
        self.holds = Table("holds", (Column("order_id"),), (*map(Column, names), *amounts, Column("is_cash_order")))
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

    def make_first(self) -> dict[Any, tuple[FirstHandler, tuple[str, ...]]]:
        """Return what is done with all markets and orders of a frame at once."""
        return {
            EventKind.market_opened: (self.markets_opened, TERMS),
            EventKind.order_accepted: (self.orders_accepted, ACCEPTED),
        }

    def make_handlers(self) -> dict[Any, Handler]:
        """Return what is done with each kind of event."""
        moves: dict[Any, Handler] = {kind: partial(self.moved, legs) for kind, legs in EFFECTS.items()}
        return moves | {
            EventKind.increments_changed: self.increments_changed,
            EventKind.trade_executed: self.trade_executed,
            EventKind.order_canceled: self.order_canceled,
            EventKind.order_amended: self.order_amended,
            EventKind.order_reduced: self.order_reduced,
            EventKind.order_held: self.order_held,
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
        if not (available or held):
            return
        key = (account_id, asset_id)
        self.accounts.touch(key)
        row = self._rows.get(key)
        if row is None:
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
    def markets_opened(self, rows: Rows) -> None:
        """Remember what lots and ticks of markets are worth."""
        for market_id, *terms in rows:
            self.markets.put(market_id, Terms(*terms))

    def increments_changed(self, event: IncrementsChanged) -> None:
        """Take a market's new lot size and tick value; what its orders hold stays, and each is told anew."""
        base, quote, _, _ = self.markets.rows[event.market_id]
        self.markets.put(event.market_id, Terms(base, quote, event.lot_size_minor, event.tick_value_minor))

    def orders_accepted(self, rows: Rows) -> None:
        """Hold what orders could cost. A market buy, or a cash order, holds an amount and not so much a lot.

        A market order in a call phase states the price at which it holds.
        """
        markets, holds, touch = self.markets.rows, self.holds.rows, self.holds.touch
        balances, touch_balance = self._rows, self.accounts.touch
        for order_type, side, market_id, account_id, order_id, price_ticks, lots, held in rows:
            base, quote, _, _ = markets[market_id]
            asset_id = quote if side == BUY else base
            holds_amount = lots == 0 or (order_type == MARKET and side == BUY and price_ticks == 0)
            per_lot = 0 if holds_amount else held // lots
            holds[order_id] = [account_id, asset_id, side, held, per_lot, lots, int(lots == 0)]
            touch(order_id)
            balance = balances.get((account_id, asset_id))
            if balance is None:
                self.add(account_id, asset_id, -held, held)
            elif held:  # what is held was available: the row stays
                touch_balance((account_id, asset_id))
                balance[0] -= held
                balance[1] += held

    def order_held(self, order_id: int, held_minor: int) -> None:
        """Hold more for an order of a list, which from here on holds all that it needs."""
        row = self.holds.rows[order_id]
        row[HELD] += held_minor
        row[PER_LOT] = row[HELD] // row[LEAVES]
        self.holds.touch(order_id)
        self.add(row[ACCOUNT], row[ASSET], -held_minor, held_minor)

    def trade_executed(
        self,
        market_id: int,
        maker_order_id: int,
        taker_order_id: int,
        price_ticks: int,
        quantity_lots: int,
        maker_fee_minor: int,
        taker_fee_minor: int,
    ) -> None:
        """Move what was traded and the fees, and give back what the buyer held above the price."""
        maker, taker = self.holds.rows[maker_order_id], self.holds.rows[taker_order_id]
        base, quote, lot_size, tick_value = self.markets.rows[market_id]
        lots = quantity_lots
        cost, quantity = price_ticks * lots * tick_value, lots * lot_size
        if maker[SIDE] == BUY:
            buyer, seller = maker, taker
            buyer_fee, seller_fee = maker_fee_minor, taker_fee_minor
        else:
            buyer, seller = taker, maker
            buyer_fee, seller_fee = taker_fee_minor, maker_fee_minor
        spent = buyer[PER_LOT] * lots or cost
        buyer[HELD] -= spent
        seller[HELD] -= quantity
        rows, touch = self._rows, self.accounts.touch
        for key, available, held in (
            ((buyer[ACCOUNT], quote), spent - cost, -spent),
            ((buyer[ACCOUNT], base), quantity - buyer_fee, 0),
            ((seller[ACCOUNT], base), 0, -quantity),
            ((seller[ACCOUNT], quote), cost - seller_fee, 0),
        ):
            row = rows.get(key)
            if row is None:
                self.add(*key, available, held)
                continue
            touch(key)
            row[0] += available
            row[1] += held
            if row[0] == 0 == row[1]:
                del rows[key]
        fees = self._fees
        fees[base] = fees.get(base, 0) + buyer_fee
        fees[quote] = fees.get(quote, 0) + seller_fee
        for order_id, order in ((maker_order_id, maker), (taker_order_id, taker)):
            if order[LEAVES] == lots or order[CASH_ORDER]:
                self.take_lots(order_id, order, lots)
            else:
                self.holds.touch(order_id)
                order[LEAVES] -= lots

    def end_of_frame(self) -> None:
        """Add the fees of the frame's trades to their pools."""
        for asset_id, minor in self._fees.items():
            self.add_pool(asset_id, FEES, 0, minor)
        self._fees.clear()

    def take_lots(self, order_id: int, row: list[int], lots: int) -> None:
        """Count lots off an order; one without lots gives back the rest of its hold. A cash order ends by event."""
        self.holds.touch(order_id)
        if row[CASH_ORDER]:
            return
        row[LEAVES] -= lots
        if row[LEAVES] == 0:
            if row[HELD]:
                self.add(row[ACCOUNT], row[ASSET], row[HELD], -row[HELD])
            del self.holds.rows[order_id]

    def order_canceled(self, order_id: int, released_minor: int) -> None:
        """Give back what the order held."""
        row = self.holds.rows[order_id]
        if released_minor:
            self.add(row[ACCOUNT], row[ASSET], released_minor, -released_minor)
        self.holds.drop(order_id)

    def order_amended(self, order_id: int, leaves_lots: int, held_minor: int) -> None:
        """Hold what the event says from now on."""
        row = self.holds.rows[order_id]
        more = held_minor - row[HELD]
        self.add(row[ACCOUNT], row[ASSET], -more, more)
        row[HELD], row[LEAVES] = held_minor, leaves_lots
        row[PER_LOT] = held_minor // leaves_lots
        self.holds.touch(order_id)

    def order_reduced(self, order_id: int, reduced_lots: int, released_minor: int) -> None:
        """Give back what the lots held that self-trade prevention took off."""
        row = self.holds.rows[order_id]
        row[HELD] -= released_minor
        self.add(row[ACCOUNT], row[ASSET], released_minor, -released_minor)
        self.take_lots(order_id, row, reduced_lots)
