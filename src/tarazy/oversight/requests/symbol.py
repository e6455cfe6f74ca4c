"""A symbol: one market's exact ways between decimal text and ticks, lots and minor units.

A price is quote asset for one unit of base asset. One tick of it is tick_value / lot_size in minor units, which must be
a decimal number of at most 20 places to be said; a market of another tick has no symbol and is not traded here. Prices
are written with eight places at least, as clients of the dialect are used to.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from tarazy.domain.arithmetic import U64_MAX
from tarazy.oversight.requests.decimals import PATTERN, NotDecimalError, PrecisionError, minor_of, text_of
from tarazy.oversight.requests.errors import BAD_PRECISION, DialectError, filter_failure, illegal

PRICE_PLACES_MIN, PRICE_PLACES_MAX = 8, 20
U128_MAX = (1 << 128) - 1


class Symbol(NamedTuple):
    """One market as the dialect has it. Units: `tick` in 10^-price_places of the quote asset."""

    market_id: int
    name: str
    base_asset_id: int
    quote_asset_id: int
    base: str
    quote: str
    base_places: int
    quote_places: int
    lot_size_minor: int
    tick_value_minor: int
    tick: int
    price_places: int

    def price(self, ticks: int) -> str:
        """Return a price as text."""
        return text_of(ticks * self.tick, self.price_places)

    def quantity(self, lots: int) -> str:
        """Return a quantity as text."""
        return text_of(lots * self.lot_size_minor, self.base_places)

    def amount(self, minor: int) -> str:
        """Return an amount of the quote asset as text."""
        return text_of(minor, self.quote_places)

    def cost_minor(self, ticks: int, lots: int) -> int:
        """Return what lots cost at a price, minor units of the quote asset."""
        return ticks * lots * self.tick_value_minor

    def ticks_of(self, name: str, text: str) -> int:
        """Return a price in ticks.

        Raises: DialectError where it is no number, has too many places or is no whole number of ticks.
        """
        units = units_of(name, text, self.price_places)
        if units % self.tick or not 0 < units // self.tick <= U64_MAX:
            raise filter_failure("PRICE_FILTER", f"{name} {text}: no multiple of {self.price(1)} above 0")
        return units // self.tick

    def lots_of(self, name: str, text: str) -> int:
        """Return a quantity in lots. Raises: as `ticks_of`."""
        minor = units_of(name, text, self.base_places)
        if minor % self.lot_size_minor or not 0 < minor // self.lot_size_minor <= U64_MAX:
            raise filter_failure("LOT_SIZE", f"{name} {text}: no multiple of {self.quantity(1)} above 0")
        return minor // self.lot_size_minor

    def minor_of_quote(self, name: str, text: str) -> int:
        """Return an amount of the quote asset in minor units. Raises: as `ticks_of`."""
        minor = units_of(name, text, self.quote_places)
        if not 0 < minor <= U128_MAX:
            raise filter_failure("NOTIONAL", f"{name} {text}")
        return minor


def tick_text(lot_size_minor: int, tick_value_minor: int, places_between: int) -> tuple[int, int] | None:
    """Return one tick as a whole number of units and the places of these, None where no decimal number says it.

    `places_between`: how many places more the base asset has than the quote asset.
    """
    tick = Fraction(tick_value_minor, lot_size_minor) * Fraction(10) ** places_between
    places = next((n for n in range(PRICE_PLACES_MAX + 1) if (tick * 10**n).denominator == 1), None)
    if places is None:
        return None
    places = max(places, PRICE_PLACES_MIN)
    return int(tick * 10**places), places


def units_of(name: str, text: str, places: int) -> int:
    """Return a decimal parameter in units of 10^-places.

    Raises: DialectError.
    """
    try:
        return minor_of(text, places)
    except NotDecimalError:
        raise illegal(name, PATTERN) from None
    except PrecisionError:
        raise DialectError(BAD_PRECISION, f"Parameter '{name}' has too much precision.", places=places) from None
