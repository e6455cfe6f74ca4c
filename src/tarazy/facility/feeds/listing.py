"""Listing: what each market trades, in which lots and ticks, and its state, as market data needs it."""

from __future__ import annotations

from typing import Any, NamedTuple

from tarazy.domain.records import EventKind, IncrementsChanged, MarketState
from tarazy.facility.projections.base import Handler, Projection
from tarazy.facility.projections.table import Column, Table

CLOSED = int(MarketState.closed)


class Units(NamedTuple):
    """What one lot is worth in minor units of the base asset, and one tick of one lot in those of the quote asset."""

    lot_size_minor: int
    tick_value_minor: int


class Asset(NamedTuple):
    """An asset's code, and how many decimals its minor unit stands for."""

    code: str
    scale: int


class Market(NamedTuple):
    """One market as it is now."""

    market_id: int
    symbol: str
    base: Asset
    quote: Asset
    units: Units
    market_state: int


class Listing(Projection):
    """Assets and markets, by number and by symbol. It is small and built from the record alone."""

    name = "listing"
    summary = "what each market trades, in which lots and ticks, and its state"

    def make_tables(self) -> tuple[Table, ...]:
        """Return a table of the markets' numbers; what is said of them is read as it is."""
        self.assets: dict[int, Asset] = {}
        self.markets: dict[int, Market] = {}
        self.by_symbol: dict[str, Market] = {}
        self.listed = Table("listing", (Column("market_id"),), ())
        return (self.listed,)

    def make_handlers(self) -> dict[Any, Handler]:
        """Return what is done with each kind of event."""
        return {
            EventKind.asset_registered: self.asset_registered,
            EventKind.market_opened: self.market_opened,
            EventKind.market_state_changed: self.market_state_changed,
            EventKind.increments_changed: self.increments_changed,
        }

    def asset_registered(self, event: Any) -> None:
        """Take an asset in."""
        code = event.asset_code
        text = code.rstrip(b"\0").decode("ascii") if isinstance(code, bytes) else str(code)
        self.assets[event.asset_id] = Asset(text, event.scale)

    def put(self, market: Market) -> None:
        """Set a market. The symbol is its assets' codes in a row; a second market of a pair has its number behind."""
        self.markets[market.market_id] = self.by_symbol[market.symbol] = market
        self.listed.put(market.market_id, ())

    def market_opened(
        self, market_id: int, base_asset_id: int, quote_asset_id: int, lot_size_minor: int, tick_value_minor: int
    ) -> None:
        """Take a market in; it is closed."""
        base, quote = self.assets[base_asset_id], self.assets[quote_asset_id]
        symbol = base.code + quote.code
        if symbol in self.by_symbol:
            symbol += str(market_id)
        self.put(Market(market_id, symbol, base, quote, Units(lot_size_minor, tick_value_minor), CLOSED))

    def market_state_changed(self, market_state: int, market_id: int) -> None:
        """Move a market to another state."""
        self.put(self.markets[market_id]._replace(market_state=market_state))

    def increments_changed(self, event: IncrementsChanged) -> None:
        """Take a market's new lots and ticks."""
        units = Units(event.lot_size_minor, event.tick_value_minor)
        self.put(self.markets[event.market_id]._replace(units=units))
