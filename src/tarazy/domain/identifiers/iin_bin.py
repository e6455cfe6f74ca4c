"""IIN and BIN: the twelve digits of a person or an organisation in Kazakhstan.

The last digit checks the first eleven: their sum with the weights 1 to 11, modulo 11; where that is 10, again with the
weights 3 to 11, 1, 2; where that is 10 as well, the number was never given out. A person's number (IIN) begins with
the birthday and a digit of sex and century, an organisation's (BIN) with year, month and a digit of its kind, 4 to 6.
Source: the rule is that of the national registers; the published BINs of banks keep it (the tests name them).
"""

from __future__ import annotations

from enum import Enum

LENGTH = 12
FIRST = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
SECOND = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
MODULUS = 11
MONTHS = 12
ORGANISATION_DIGITS = "456"


class NationalNumber(Enum):
    """What a sound number stands for."""

    person = "iin"
    organisation = "bin"


def check_digit(digits: str) -> int | None:
    """Return the twelfth digit that belongs to eleven, or None where no number has them."""
    for weights in (FIRST, SECOND):
        rest = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % MODULUS
        if rest < 10:
            return rest
    return None


def national_number(text: str) -> NationalNumber | None:
    """Return what a number stands for, or None for a text that is no sound number."""
    if len(text) != LENGTH or not (text.isascii() and text.isdigit()):
        return None
    if check_digit(text[:-1]) != int(text[-1]) or not 1 <= int(text[2:4]) <= MONTHS:
        return None
    if text[4] in ORGANISATION_DIGITS:
        return NationalNumber.organisation
    return NationalNumber.person if 1 <= int(text[4:6]) <= 31 else None
