"""Decimal texts and integers: exact both ways, for assets of any scale. The oracle is Python's fractions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarazy.facility.gateway.dialect.symbols import Symbols
from tarazy.facility.projections.venue import VenueTerms
from tarazy.oversight.requests.decimals import NotDecimalError, PrecisionError, minor_of, text_of
from tarazy.oversight.requests.errors import DialectError


@given(st.integers(0, (1 << 128) - 1), st.integers(0, 20))
def test_text_is_the_exact_value_and_comes_back(minor: int, places: int) -> None:
    text = text_of(minor, places)
    assert Fraction(text) == Fraction(minor, 10**places)
    if len(text.partition(".")[0]) <= 20:
        assert minor_of(text, places) == minor


@pytest.mark.parametrize(
    "text", ["", "-1", "1e5", "1.", ".5", "0x10", "1,5", " 1", "\uff11", "1" * 21, "0." + "1" * 21]
)
def test_what_is_no_decimal_of_the_dialect_is_refused(text: str) -> None:
    with pytest.raises(NotDecimalError):
        minor_of(text, 8)


def test_digits_beyond_the_places_count_only_where_they_are_zero() -> None:
    assert minor_of("1.2300", 2) == 123
    with pytest.raises(PrecisionError):
        minor_of("1.231", 2)


def venue_of(base: tuple[str, int], quote: tuple[str, int], lot_size: int, tick_value: int) -> VenueTerms:
    """Return a venue with one market."""
    venue = VenueTerms()
    for number, (code, scale) in enumerate((base, quote), 1):
        venue.assets.put(number, (2, scale, 2, code))
    venue.market_opened(1, 1, 1, 2, lot_size, tick_value)
    return venue


@pytest.mark.parametrize(
    ("base", "quote", "lot_size", "tick_value", "tick", "lot"),
    [
        # BTC/8 in lots of 0.001, KZT/2: a tick of 50 tiyn for a lot is 500 tenge for a coin.
        (("BTC", 8), ("KZT", 2), 100_000, 50, "500.00000000", "0.00100000"),
        # ETH/18 in lots of 10^-4, USDT/6: one millionth for a lot is a cent for a coin.
        (("ETH", 18), ("USDT", 6), 10**14, 1, "0.01000000", "0.000100000000000000"),
        # A token without decimals against one with 12.
        (("AIX", 0), ("KZD", 12), 1, 7, "0.000000000007", "1"),
    ],
)
def test_prices_and_quantities_of_markets_of_all_scales(
    base: tuple[str, int], quote: tuple[str, int], lot_size: int, tick_value: int, tick: str, lot: str
) -> None:
    symbol = Symbols(venue_of(base, quote, lot_size, tick_value)).find(base[0] + quote[0])
    assert (symbol.price(1), symbol.quantity(1)) == (tick, lot)
    assert symbol.ticks_of("price", symbol.price(12_345)) == 12_345
    assert symbol.lots_of("quantity", symbol.quantity(987)) == 987
    # What 987 lots cost at 12,345 ticks is price * quantity.
    cost = Decimal(symbol.amount(symbol.cost_minor(12_345, 987)))
    assert cost == Decimal(symbol.price(12_345)) * Decimal(symbol.quantity(987))


@pytest.mark.parametrize(
    ("text", "code"), [("750", -1013), ("0", -1013), ("500.000000001", -1111), ("1e3", -1100), ("9" * 20, -1013)]
)
def test_a_price_that_is_no_tick_is_refused_with_the_dialect_s_code(text: str, code: int) -> None:
    symbol = Symbols(venue_of(("BTC", 8), ("KZT", 2), 100_000, 50)).find("BTCKZT")
    with pytest.raises(DialectError) as refused:
        symbol.ticks_of("price", text)
    assert refused.value.code == code


def test_a_market_whose_tick_is_no_decimal_number_has_no_symbol() -> None:
    symbols = Symbols(venue_of(("XAU", 3), ("USD", 2), 3, 1))  # a third of a dollar
    assert list(symbols.all()) == []
    with pytest.raises(DialectError) as refused:
        symbols.find("XAUUSD")
    assert refused.value.code == -1121
