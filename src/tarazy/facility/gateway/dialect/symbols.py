"""Symbols: the names of a venue's markets, as its read model has them."""

from __future__ import annotations

from collections.abc import Iterator

from tarazy.facility.projections.venue import ASSET_CODE, ASSET_SCALE, BASE, LOT_SIZE, QUOTE, TICK_VALUE, VenueTerms
from tarazy.oversight.requests.errors import BAD_SYMBOL, DialectError
from tarazy.oversight.requests.symbol import Symbol, tick_text


class Symbols:
    """The symbols of a venue, as its read model has them now."""

    def __init__(self, venue: VenueTerms) -> None:
        self.venue = venue
        self._known: dict[tuple[int, int, int], Symbol | None] = {}
        self._names: dict[str, int] = {}

    def find(self, name: str) -> Symbol:
        """Return a symbol by its name.

        Raises: DialectError.
        """
        market_id = self._names.get(name)
        if market_id is None:
            market_id = next((each.market_id for each in self.all() if each.name == name), None)
        found = self.of(market_id) if market_id is not None else None
        if found is None:
            raise DialectError(BAD_SYMBOL, "Invalid symbol.")
        return found

    def of(self, market_id: int) -> Symbol | None:
        """Return the symbol of a market, None where it has none."""
        row = self.venue.markets.rows[market_id]
        return self._in_units(market_id, row[LOT_SIZE], row[TICK_VALUE])

    def at(self, market_id: int, seq: int) -> Symbol | None:
        """Return the symbol of a market in the units that were in force at a command."""
        units = [(key[1], row) for key, row in list(self.venue.units.rows.items()) if key[0] == market_id]
        return self._in_units(market_id, *max((since, row) for since, row in units if since <= seq)[1])

    def all(self) -> Iterator[Symbol]:
        """Return every symbol, by the number of its market."""
        for market_id in sorted(self.venue.markets.rows):
            found = self.of(market_id)
            if found is not None:
                yield found

    def _in_units(self, market_id: int, lot_size_minor: int, tick_value_minor: int) -> Symbol | None:
        """Return the symbol of a market in units."""
        key = (market_id, lot_size_minor, tick_value_minor)
        if key not in self._known:
            self._known[key] = self._make(*key)
        return self._known[key]

    def _make(self, market_id: int, lot_size_minor: int, tick_value_minor: int) -> Symbol | None:
        """Return the symbol of a market; a second market of the same assets has its number in its name."""
        row = self.venue.markets.rows[market_id]
        base, quote = self.venue.assets.rows[row[BASE]], self.venue.assets.rows[row[QUOTE]]
        base_places, quote_places = base[ASSET_SCALE], quote[ASSET_SCALE]
        found = tick_text(lot_size_minor, tick_value_minor, base_places - quote_places)
        if found is None:
            return None
        name = base[ASSET_CODE] + quote[ASSET_CODE]
        if self._names.get(name, market_id) != market_id:
            name = f"{name}_{market_id}"
        self._names[name] = market_id
        assets = (row[BASE], row[QUOTE], base[ASSET_CODE], quote[ASSET_CODE], base_places, quote_places)
        return Symbol(market_id, name, *assets, lot_size_minor, tick_value_minor, *found)
