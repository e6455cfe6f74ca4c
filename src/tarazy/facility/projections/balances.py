"""Balances: what each account owns of each asset, and the pools beside them, from events alone.

`accounts` holds available and held, `pools` all other ledger accounts of an asset, `holds` what each open order has
on hold. A trade takes its cost from the buyer's hold and its lots from the seller's, and gives back what the buyer held
above the price. What a filled order still holds is given back without an event of its own.
"""

from __future__ import annotations

from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple

from tarazy.domain.records import (
    EventKind,
    IncrementsChanged,
    OrderType,
)
from tarazy.domain.records import Side as OrderSide
from tarazy.facility.projections.base import BulkHandlers, Handler, Projection, Rows
from tarazy.facility.projections.effects import EFFECTS, Leg, Pool, Side
from tarazy.facility.projections.table import Column, Table, Width

BUY = int(OrderSide.buy)
MARKET = int(OrderType.market)
FEES = int(Pool.fees_earned)
FIRST = itemgetter(0)
Move = tuple[tuple[int, int], int, int]  # account and asset; what is added to available and to held
Taken = tuple[int, list[int], int]  # an order, its hold, lots
# Columns of a hold.
ACCOUNT, ASSET, SIDE, HELD, PER_LOT, LEAVES, CASH_ORDER = range(7)

ACCEPTED = tuple("order_type side market_id account_id order_id price_ticks quantity_lots held_minor".split())
TRADED = tuple(
    "market_id maker_order_id taker_order_id price_ticks quantity_lots maker_fee_minor taker_fee_minor".split()
)
CANCELED = ("order_id", "released_minor")
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
        self._rows = self.accounts.rows
        return self.accounts, self.pools, self.holds, self.markets

    def make_first(self) -> BulkHandlers:
        """Return what is done with all markets and orders of a frame at once."""
        return {
            EventKind.market_opened: (self.markets_opened, TERMS),
            EventKind.order_accepted: (self.orders_accepted, ACCEPTED),
        }

    def make_runs(self) -> BulkHandlers:
        """Return what is done with trades and cancels; sums come out the same in any order."""
        return {
            EventKind.trade_executed: (self.trades_executed, TRADED),
            EventKind.order_canceled: (self.orders_canceled, CANCELED),
        }

    def make_handlers(self) -> dict[Any, Handler]:
        """Return what is done with each kind of event."""
        moves: dict[Any, Handler] = {kind: partial(self.moved, legs) for kind, legs in EFFECTS.items()}
        return moves | {
            EventKind.increments_changed: self.increments_changed,
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
    def post(self, moves: list[Move]) -> None:
        """Add to balances; an account with nothing of an asset has no row.

        What orders and trades move within a frame is taken out of its order, so a balance may be below zero meanwhile.
        """
        balances = self._rows
        for key, available, held in moves:
            balance = balances.get(key)
            if balance is None:
                balance = balances[key] = [0, 0]
            balance[0] += available
            balance[1] += held
            if not (balance[0] or balance[1]):
                del balances[key]
        self.accounts.touch_all(map(FIRST, moves))

    def add(self, account_id: int, asset_id: int, available: int, held: int) -> None:
        """Add to an account's two balances."""
        if available or held:
            self.post([((account_id, asset_id), available, held)])

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
        markets, holds = self.markets.rows, self.holds.rows
        orders: list[int] = []
        moves: list[Move] = []
        for order_type, side, market_id, account_id, order_id, price_ticks, lots, held in rows:
            base, quote, _, _ = markets[market_id]
            asset_id = quote if side == BUY else base
            holds_amount = lots == 0 or (order_type == MARKET and side == BUY and price_ticks == 0)
            per_lot = 0 if holds_amount else held // lots
            holds[order_id] = [account_id, asset_id, side, held, per_lot, lots, int(lots == 0)]
            orders.append(order_id)
            if held:
                moves.append(((account_id, asset_id), -held, held))
        self.holds.touch_all(orders)
        self.post(moves)

    def order_held(self, order_id: int, held_minor: int) -> None:
        """Hold more for an order of a list, which from here on holds all that it needs."""
        row = self.holds.rows[order_id]
        row[HELD] += held_minor
        row[PER_LOT] = row[HELD] // row[LEAVES]
        self.holds.touch(order_id)
        self.add(row[ACCOUNT], row[ASSET], -held_minor, held_minor)

    def trades_executed(self, rows: Rows) -> None:
        """Move what was traded and the fees, and give back what buyers held above the price."""
        holds, markets = self.holds.rows, self.markets.rows
        taken: list[Taken] = []
        moves: list[Move] = []
        fees: dict[int, list[int]] = {}
        for market_id, maker_order_id, taker_order_id, price_ticks, lots, maker_fee, taker_fee in rows:
            base, quote, lot_size, tick_value = markets[market_id]
            maker, taker = holds[maker_order_id], holds[taker_order_id]
            cost, quantity = price_ticks * lots * tick_value, lots * lot_size
            if maker[SIDE] == BUY:
                buyer, seller, buyer_fee, seller_fee = maker, taker, maker_fee, taker_fee
            else:
                buyer, seller, buyer_fee, seller_fee = taker, maker, taker_fee, maker_fee
            spent = buyer[PER_LOT] * lots or cost
            buyer[HELD] -= spent
            seller[HELD] -= quantity
            buyer_id, seller_id = buyer[ACCOUNT], seller[ACCOUNT]
            moves += (
                ((buyer_id, quote), spent - cost, -spent),
                ((buyer_id, base), quantity - buyer_fee, 0),
                ((seller_id, base), 0, -quantity),
                ((seller_id, quote), cost - seller_fee, 0),
            )
            taken += ((maker_order_id, maker, lots), (taker_order_id, taker, lots))
            of_market = fees.get(market_id) or fees.setdefault(market_id, [0, 0])
            of_market[0] += buyer_fee
            of_market[1] += seller_fee
        self.take_lots(taken, moves)
        self.post(moves)
        for market_id, (base_minor, quote_minor) in fees.items():
            base, quote, _, _ = markets[market_id]
            self.add_pool(base, FEES, 0, base_minor)
            self.add_pool(quote, FEES, 0, quote_minor)

    def take_lots(self, taken: list[Taken], moves: list[Move]) -> None:
        """Count lots off orders; one without lots gives back the rest of its hold. A cash order ends by event."""
        for order_id, row, lots in taken:
            if row[CASH_ORDER]:
                continue
            row[LEAVES] -= lots
            if row[LEAVES] == 0:
                if row[HELD]:
                    moves.append(((row[ACCOUNT], row[ASSET]), row[HELD], -row[HELD]))
                del self.holds.rows[order_id]
        self.holds.touch_all(map(FIRST, taken))

    def orders_canceled(self, rows: Rows) -> None:
        """Give back what orders held."""
        holds = self.holds.rows
        orders: list[int] = []
        moves: list[Move] = []
        for order_id, released in rows:
            row = holds.pop(order_id)
            orders.append(order_id)
            if released:
                moves.append(((row[ACCOUNT], row[ASSET]), released, -released))
        self.holds.touch_all(orders)
        self.post(moves)

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
        moves: list[Move] = [((row[ACCOUNT], row[ASSET]), released_minor, -released_minor)]
        self.take_lots([(order_id, row, reduced_lots)], moves)
        self.post(moves)
