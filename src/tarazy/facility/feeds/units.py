"""Lots and ticks of a market at a time: what is old is said in the units of its time."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from tarazy.oversight.requests.symbol import Symbol, tick_text


class Units(NamedTuple):
    """What one lot is worth in minor units of the base asset, and one tick of one lot in those of the quote asset."""

    lot_size_minor: int
    tick_value_minor: int


def units_of(symbol: Symbol) -> Units:
    """Return the units of a symbol."""
    return Units(symbol.lot_size_minor, symbol.tick_value_minor)


@cache
def in_units(symbol: Symbol, units: Units) -> Symbol:
    """Return a symbol in other units; where no decimal number says their ticks, its prices are 0."""
    if units_of(symbol) == units:
        return symbol
    found = tick_text(*units, symbol.base_places - symbol.quote_places)
    tick, places = found or (0, symbol.price_places)
    return symbol._replace(**units._asdict(), tick=tick, price_places=places)
