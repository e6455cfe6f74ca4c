"""Amounts in messages of banks: decimal text, exact, into minor units of the currency and back."""

from __future__ import annotations

from tarazy.domain.identifiers.currencies import currency_scale
from tarazy.facility.banking.errors import BankFieldError

DIGITS_MAX = 30  # ISO 20022 allows 18; what is longer than this is no amount but an attack


def scale_of(currency: str) -> int:
    """Return the decimal places of a currency. Raises: BankFieldError."""
    scale = currency_scale(currency)
    if scale is None:
        raise BankFieldError("currency", expected="a code of ISO 4217", found=repr(currency[:20]))
    return scale


def minor_from(text: str, scale: int, point: str = ".") -> int:
    """Return an amount without a sign in minor units; zeros behind the currency's places are no fault.

    Raises: BankFieldError for a sign, another form, or more places than the currency has.
    """
    whole, _, part = text.strip().partition(point)
    digits = whole + part
    if not digits.isdigit() or not digits.isascii() or not whole or len(digits) > DIGITS_MAX:
        expected = f"digits with {point!r} before the decimals and without a sign"
        raise BankFieldError("amount", expected=expected, found=repr(text[:40]))
    if len(part) > scale:
        if part[scale:].strip("0"):
            raise BankFieldError("amount", expected=f"at most {scale} decimals", found=repr(text[:40]))
        part = part[:scale]
    return int(whole + part.ljust(scale, "0"))


def decimal_text(amount_minor: int, scale: int) -> str:
    """Return an amount as decimal text with the currency's places."""
    digits = str(abs(amount_minor)).rjust(scale + 1, "0")
    text = f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits
    return f"-{text}" if amount_minor < 0 else text
