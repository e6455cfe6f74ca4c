"""Decimal texts and the integers they stand for, exactly: no float, no rounding."""

from __future__ import annotations

import re
from functools import lru_cache

PATTERN = r"^([0-9]{1,20})(\.[0-9]{1,20})?$"
TEXTS_KNOWN_MAX = 4_096  # prices and quantities come again and again
_DECIMAL = re.compile(PATTERN)


class NotDecimalError(ValueError):
    """A text is no decimal number of the dialect."""


class PrecisionError(ValueError):
    """A decimal number has more places than its unit."""


@lru_cache(TEXTS_KNOWN_MAX)
def minor_of(text: str, places: int) -> int:
    """Return a decimal text in units of 10^-places.

    Raises: NotDecimalError; PrecisionError where digits other than 0 stand beyond the places.
    """
    if _DECIMAL.fullmatch(text) is None or not text.isascii():
        raise NotDecimalError(text)
    whole, _, part = text.partition(".")
    if part[places:].strip("0"):
        raise PrecisionError(text)
    return int(whole + part[:places].ljust(places, "0"))


@lru_cache(TEXTS_KNOWN_MAX)
def text_of(minor: int, places: int) -> str:
    """Return units of 10^-places as decimal text with all its places: text_of(123456, 2) is `1234.56`."""
    sign, digits = ("-", str(-minor)) if minor < 0 else ("", str(minor))
    if places == 0:
        return sign + digits
    digits = digits.rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"
