"""Lots and ticks of a market at a time: what is old is said in the units of its time."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import NamedTuple

from tarazy.facility.gateway.dialect.symbols import PRICE_PLACES_MAX, Symbol


class Units(NamedTuple):
    """What one lot is worth in minor units of the base asset, and one tick of one lot in those of the quote asset."""

    lot_size_minor: int
    tick_value_minor: int


def units_of(symbol: Symbol) -> Units:
    """Return the units of a symbol."""
    return Units(symbol.lot_size_minor, symbol.tick_value_minor)


@cache
def in_units(symbol: Symbol, units: Units) -> Symbol:
    """Return a symbol in other units: prices with as many places as they need, 20 at most."""
    if units_of(symbol) == units:
        return symbol
    tick = Fraction(units.tick_value_minor, units.lot_size_minor) * Fraction(10) ** (
        symbol.base_places - symbol.quote_places
    )
    places = next((n for n in range(PRICE_PLACES_MAX) if (tick * 10**n).denominator == 1), PRICE_PLACES_MAX)
    return symbol._replace(**units._asdict(), tick=int(tick * 10**places), price_places=places)
