"""Numbers of recorded files as exact integers. What does not fit is refused in words: no rounding, no overflow.

Bounds: a number of an order fits the venue's 64 bits; a price in ticks and a quantity in lots stay so far below the
record's 64 bits that the venue's own limits of quantity and notional come first.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path

from tarazy.market_data.errors import FlowFileError, shown

PLACES_MAX = 8
TEXT_MAX = 64
U64_MAX = (1 << 64) - 1
SCALED_MAX = 1 << 58
DECIMAL = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
WHOLE = re.compile(r"-?[0-9]{1,40}")


class NumberError(ValueError):
    """A text that is not the number it should be; `expected` says what should be there, `found` what is."""

    def __init__(self, expected: str, found: str) -> None:
        self.expected = expected
        self.found = found
        super().__init__(expected, found)


def decimal_places(text: str) -> int:
    """Return how many decimal places a number needs, without trailing zeros; 0 for what is no number."""
    if "e" in text or "E" in text:
        try:
            exponent = Decimal(text).normalize().as_tuple().exponent
        except InvalidOperation:
            return 0
        return max(0, -exponent) if isinstance(exponent, int) else 0
    return len(text.partition(".")[2].rstrip("0"))


@lru_cache(maxsize=65_536)
def scaled(text: str, places: int) -> int:
    """Return a decimal number as an integer of units of 10^-places, exact.

    The same prices and sizes come again and again, so the last ones are remembered.
    Raises: NumberError for what is no number, needs more places, or is beyond the bounds.
    """
    whole, _, fraction = text.partition(".")
    digits = whole + fraction.ljust(places, "0")
    is_plain = len(digits) < 18 and digits.isdecimal() and digits.isascii()
    if is_plain and len(fraction) <= places and (fraction or (whole and whole == text)):
        return int(digits)
    return scaled_slowly(text, places)


def scaled_slowly(text: str, places: int) -> int:
    """Return what `scaled` returns, for every form of a number: signs, exponents, trailing zeros."""
    if len(text) > TEXT_MAX or not DECIMAL.fullmatch(text):
        raise NumberError("a decimal number", shown(text))
    number = Decimal(text)
    needed = decimal_places(text)
    if needed > places:
        raise NumberError(f"a number of at most {places} decimal places", f"{shown(text)}, which needs {needed}")
    if number.adjusted() > 40 or abs(value := int(number.scaleb(places))) >= SCALED_MAX:
        expected = f"a number below {Decimal(SCALED_MAX).scaleb(-places).normalize():f}"
        raise NumberError(expected, shown(text))
    return value


def whole(text: str, low: int, high: int) -> int:
    """Return a whole number within bounds.

    Raises: NumberError for what is no whole number, or is beyond the bounds.
    """
    if not WHOLE.fullmatch(text):
        raise NumberError("a whole number", shown(text))
    value = int(text)
    if not low <= value <= high:
        raise NumberError(f"a whole number from {low} to {high}", shown(text))
    return value


def whole_number(path: Path, line: int, name: str, text: str, low: int = 1, high: int = U64_MAX) -> int:
    """Return an integer column.

    Raises: FlowFileError naming the column.
    """
    try:
        return whole(text, low, high)
    except NumberError as error:
        raise FlowFileError(path, line, error.expected, error.found, column=name) from None


def decimal_number(path: Path, line: int, name: str, text: str, places: int, low: int = 0) -> int:
    """Return a decimal column as an integer of units of 10^-places.

    Raises: FlowFileError naming the column.
    """
    try:
        value = scaled(text, places)
    except NumberError as error:
        raise FlowFileError(path, line, error.expected, error.found, column=name) from None
    if value < low:
        expected = "a number above zero" if low else "a number of zero or more"
        raise FlowFileError(path, line, expected, shown(text), column=name)
    return value
