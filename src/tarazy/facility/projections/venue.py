"""The venue: assets, markets with their rules and tick bands, accounts, fees and parameters, each as it is now.

`units` has what lots and ticks of a market were worth from which command on: what is finished counts in those of its
time. Every change puts a new row in the place of the old one, so that another thread that reads a row sees one state
of it.
"""

from __future__ import annotations

from typing import Any

from tarazy.domain.records import EventKind, FeeBasis, IncrementsChanged
from tarazy.facility.projections.base import BulkHandlers, Handler, Projection, Rows
from tarazy.facility.projections.restated import restate, scales_between
from tarazy.facility.projections.table import Column, Table, Width

OWN = int(FeeBasis.own)
# Columns of the rows that others read.
ASSET_KIND, ASSET_SCALE, ASSET_STATUS, ASSET_CODE = range(4)
BASE, QUOTE, STATE, REFERENCE, LOT_SIZE, TICK_VALUE = range(6)
MAKER_FEE, TAKER_FEE, COLLAR, CORRIDOR, QUANTITY_MAX, NOTIONAL_MIN, NOTIONAL_MAX = range(7)
KEY_ACCOUNT, KEY_SCOPES, KEY_SIGNED_ONLY, KEY_REVOKED = range(4)
OWNER, CLIENT_CLASS, ROLE, ACCOUNT_STATE, TIER, APPROVAL = range(6)


class VenueTerms(Projection):
    """What there is to trade, by which rules, and who may."""

    name = "venue"
    layout = 2
    summary = "assets, markets with rules and tick bands, accounts, clients' keys, fees and parameters as they are now"

    def make_tables(self) -> tuple[Table, ...]:
        """Return the tables; all their rows stay in memory."""
        wide = Width.u64
        self.assets = Table(
            "assets",
            (Column("asset_id"),),
            (*map(Column, "asset_kind scale asset_status".split()), Column("asset_code", Width.text)),
        )
        self.markets = Table(
            "markets",
            (Column("market_id"),),
            (
                *map(Column, "base_asset_id quote_asset_id market_state".split()),
                *(Column(name, wide) for name in "reference_price_ticks lot_size_minor tick_value_minor".split()),
            ),
        )
        self.units = Table(
            "units",
            (Column("market_id"), Column("since_seq")),
            (Column("lot_size_minor", wide), Column("tick_value_minor", wide)),
        )
        self.rules = Table(
            "rules",
            (Column("market_id"),),
            (
                *map(Column, "maker_fee_ppm taker_fee_ppm collar_ppm corridor_ppm".split()),
                Column("quantity_max_lots", wide),
                Column("notional_min_minor", Width.u128),
                Column("notional_max_minor", Width.u128),
            ),
        )
        self.bands = Table(
            "bands", (Column("market_id"), Column("from_price_ticks", wide)), (Column("tick_step_ticks", wide),)
        )
        self.fees = Table(
            "fees",
            (Column("account_id"), Column("market_id")),
            tuple(map(Column, "maker_fee_ppm maker_rebate_ppm taker_fee_ppm".split())),
        )
        self.parameters = Table(
            "parameters",
            (Column("parameter_table"), Column("parameter_key", wide)),
            (Column("parameter_value", Width.u128),),
        )
        self.accounts = Table(
            "accounts",
            (Column("account_id"),),
            (
                Column("owner_id", wide),
                *map(Column, "client_class account_role account_state fee_tier".split()),
                Column("approval_id", wide),
            ),
        )
        self.client_keys = Table(
            "client_keys",
            (Column("client_key_id"),),
            tuple(map(Column, "account_id client_key_scopes signed_only is_revoked".split())),
        )
        markets = (self.markets, self.units, self.rules, self.bands)
        return (self.assets, *markets, self.fees, self.parameters, self.accounts, self.client_keys)

    def make_runs(self) -> BulkHandlers:
        """Return what is done with trades."""
        return {EventKind.trade_executed: (self.trades_executed, ("market_id", "price_ticks"))}

    def make_handlers(self) -> dict[Any, Handler]:
        """Return what is done with each kind of event."""
        return {
            EventKind.asset_registered: self.asset_registered,
            EventKind.asset_status_changed: self.asset_status_changed,
            EventKind.market_opened: self.market_opened,
            EventKind.market_rules_set: self.market_rules_set,
            EventKind.market_state_changed: self.market_state_changed,
            EventKind.auction_uncrossed: self.auction_uncrossed,
            EventKind.tick_band_set: self.tick_band_set,
            EventKind.increments_changed: self.increments_changed,
            EventKind.fees_set: self.fees_set,
            EventKind.parameter_set: self.parameter_set,
            EventKind.account_opened: self.account_opened,
            EventKind.account_state_changed: self.account_state_changed,
            EventKind.account_tier_set: self.account_tier_set,
            EventKind.client_status_set: self.client_status_set,
            EventKind.client_key_registered: self.client_key_registered,
            EventKind.client_key_revoked: self.client_key_revoked,
        }

    def asset_registered(self, event: Any) -> None:
        """Take an asset in."""
        code = event.asset_code.rstrip(b"\0").decode("ascii")
        self.assets.put(event.asset_id, (event.asset_kind, event.scale, 1, code))

    def asset_status_changed(self, asset_status: int, asset_id: int) -> None:
        """Change what may be done with an asset."""
        change(self.assets, asset_id, ASSET_STATUS, asset_status)

    def market_opened(
        self,
        seq: int,
        market_id: int,
        base_asset_id: int,
        quote_asset_id: int,
        lot_size_minor: int,
        tick_value_minor: int,
    ) -> None:
        """Take a market in; it is closed."""
        self.units.put((market_id, seq), (lot_size_minor, tick_value_minor))
        self.markets.put(market_id, (base_asset_id, quote_asset_id, 1, 0, lot_size_minor, tick_value_minor))

    def market_rules_set(
        self,
        market_id: int,
        maker_fee_ppm: int,
        taker_fee_ppm: int,
        collar_ppm: int,
        corridor_ppm: int,
        quantity_max_lots: int,
        notional_min_minor: int,
        notional_max_minor: int,
    ) -> None:
        """Replace a market's rules."""
        sizes = (quantity_max_lots, notional_min_minor, notional_max_minor)
        self.rules.put(market_id, (maker_fee_ppm, taker_fee_ppm, collar_ppm, corridor_ppm, *sizes))

    def market_state_changed(self, market_state: int, market_id: int, reference_price_ticks: int) -> None:
        """Move a market to another state."""
        change(self.markets, market_id, STATE, market_state)
        change(self.markets, market_id, REFERENCE, reference_price_ticks)

    def auction_uncrossed(self, market_id: int, price_ticks: int) -> None:
        """Take an auction's price as the reference."""
        if price_ticks:
            change(self.markets, market_id, REFERENCE, price_ticks)

    def trades_executed(self, rows: Rows) -> None:
        """Take the price of the first trade as the reference of a market without one."""
        markets = self.markets.rows
        for market_id, price_ticks in rows:
            if markets[market_id][REFERENCE] == 0:
                change(self.markets, market_id, REFERENCE, price_ticks)

    def tick_band_set(self, market_id: int, from_price_ticks: int, tick_step_ticks: int) -> None:
        """Set or end a band of the tick-size table."""
        key = (market_id, from_price_ticks)
        if tick_step_ticks:
            self.bands.put(key, (tick_step_ticks,))
        elif key in self.bands.rows:
            self.bands.drop(key)

    def increments_changed(self, event: IncrementsChanged) -> None:
        """Put a market and its bands into its new lots and ticks."""
        price, _ = scales_between(event)
        self.units.put((event.market_id, event.seq), (event.lot_size_minor, event.tick_value_minor))
        row = list(self.markets.rows[event.market_id])
        restate(row, (REFERENCE,), price)
        row[LOT_SIZE], row[TICK_VALUE] = event.lot_size_minor, event.tick_value_minor
        self.markets.put(event.market_id, tuple(row))
        bands = {key: band for key, band in self.bands.rows.items() if key[0] == event.market_id}
        for key in bands:
            self.bands.drop(key)
        for (market_id, start), (step,) in bands.items():
            numbers = [start, step]
            restate(numbers, (0, 1), price)
            self.bands.put((market_id, numbers[0]), (numbers[1],))
        if event.market_id in self.rules.rows:
            change(self.rules, event.market_id, QUANTITY_MAX, event.quantity_max_lots)

    def fees_set(
        self,
        fee_basis: int,
        account_id: int,
        market_id: int,
        maker_fee_ppm: int,
        maker_rebate_ppm: int,
        taker_fee_ppm: int,
    ) -> None:
        """Set or end fees in place of the standard ones."""
        key = (account_id, market_id)
        if fee_basis == OWN:
            self.fees.put(key, (maker_fee_ppm, maker_rebate_ppm, taker_fee_ppm))
        elif key in self.fees.rows:
            self.fees.drop(key)

    def parameter_set(self, parameter_table: int, parameter_key: int, parameter_value: int) -> None:
        """Set a parameter."""
        self.parameters.put((parameter_table, parameter_key), (parameter_value,))

    def account_opened(
        self, client_class: int, account_role: int, fee_tier: int, account_id: int, owner_id: int, approval_id: int
    ) -> None:
        """Take an account in; it is active."""
        self.accounts.put(account_id, (owner_id, client_class, account_role, 1, fee_tier, approval_id))

    def account_state_changed(self, account_state: int, account_id: int) -> None:
        """Change what an account may do."""
        change(self.accounts, account_id, ACCOUNT_STATE, account_state)

    def account_tier_set(self, fee_tier: int, account_id: int) -> None:
        """Change an account's fee tier."""
        change(self.accounts, account_id, TIER, fee_tier)

    def client_status_set(self, client_class: int, owner_id: int) -> None:
        """Change the class of all accounts of an owner."""
        for account_id, row in list(self.accounts.rows.items()):
            if row[OWNER] == owner_id:
                change(self.accounts, account_id, CLIENT_CLASS, client_class)

    def client_key_registered(
        self, client_key_scopes: int, signed_only: int, account_id: int, client_key_id: int
    ) -> None:
        """Take a client's key in."""
        self.client_keys.put(client_key_id, (account_id, client_key_scopes, signed_only, 0))

    def client_key_revoked(self, client_key_id: int) -> None:
        """End a client's key."""
        change(self.client_keys, client_key_id, KEY_REVOKED, 1)


def change(table: Table, key: int, column: int, value: int) -> None:
    """Put a row with another value in the place of a row."""
    row = table.rows[key]
    table.put(key, (*row[:column], value, *row[column + 1 :]))
