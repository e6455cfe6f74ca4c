"""Identifiers of finance: DTI (ISO 24165), LEI (ISO 17442), ISIN (ISO 6166). Form and check character, no registry.

An identifier that is well formed need not be assigned to anybody; who supplies it vouches for that.

The check character of a DTI is that of the hybrid system MOD 31,30 of ISO/IEC 7064 over the thirty characters that a
DTI may hold. ISO 24165-1 itself was not at hand: the rule was taken from a public library and confirmed on seven
assigned codes. Bitcoin's code was assigned otherwise and stands in a list of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

DTI_LETTERS = "0123456789BCDFGHJKLMNPQRSTVWXZ"
DTI_FORM = re.compile(f"[{DTI_LETTERS[1:]}][{DTI_LETTERS}]{{8}}")
# Assigned codes that do not follow the rule.
DTI_EXCEPTIONS = frozenset({"4H95J0R2X"})
LEI_FORM = re.compile("[0-9A-Z]{18}[0-9]{2}")
ISIN_FORM = re.compile("[A-Z]{2}[0-9A-Z]{9}[0-9]")


class IdentifierError(ValueError):
    """Say that an identifier is not well formed: what was expected, what was found."""

    def __init__(self, kind: str, expected: str, found: str) -> None:
        self.kind, self.expected, self.found = kind, expected, found
        super().__init__(f"{kind}: expected {expected}, found {found!r}")


@dataclass(frozen=True, slots=True)
class KnownDti:
    """An assigned DTI and the source that shows it."""

    code: str
    name: str
    source: str


# Of thousands assigned, those that our own material names; more are supplied by the caller.
KNOWN_DTIS: Mapping[str, KnownDti] = {
    known.code: known
    for known in (
        KnownDti(
            "X9J9K872S", "Ether, native token of Ethereum", "public description of ISO 24165, which gives it as example"
        ),
        KnownDti("4H95J0R2X", "Bitcoin, native token of Bitcoin", "DTI registry, as cited by public libraries"),
        KnownDti(
            "ZFP9K2W9F", "Tether USD", "DTI registry, as cited by a public library of currencies; ledger not stated"
        ),
    )
}


def dti_check_character(base: str) -> str:
    """Return the check character of the first eight characters of a DTI.

    Source: ISO/IEC 7064, hybrid system MOD 31,30
    """
    size = len(DTI_LETTERS)
    carried = size
    for character in base:
        carried = (carried + DTI_LETTERS.index(character)) % size or size
        carried = carried * 2 % (size + 1)
    return DTI_LETTERS[(size + 1 - carried) % size]


def check_dti(code: str) -> str:
    """Return a DTI in capitals.

    Raises: IdentifierError where its form or its check character is wrong.   Source: ISO 24165-1
    """
    code = code.strip().upper()
    if not DTI_FORM.fullmatch(code):
        raise IdentifierError("DTI", "nine of 0-9 and consonants without Y, the first not 0", code)
    wanted = dti_check_character(code[:-1])
    if code[-1] != wanted and code not in DTI_EXCEPTIONS:
        raise IdentifierError("DTI", f"{wanted} as the check character of {code[:-1]}", code)
    return code


def check_lei(code: str) -> str:
    """Return an LEI in capitals.

    Raises: IdentifierError where its form or its check digits are wrong.   Source: ISO 17442, ISO/IEC 7064 MOD 97-10
    """
    code = code.strip().upper()
    if not LEI_FORM.fullmatch(code):
        raise IdentifierError("LEI", "eighteen letters and digits, then two digits", code)
    if int("".join(str(int(character, 36)) for character in code)) % 97 != 1:
        raise IdentifierError("LEI", "check digits that leave 1 when divided by 97", code)
    return code


def check_isin(code: str) -> str:
    """Return an ISIN in capitals.

    Raises: IdentifierError where its form or its check digit is wrong.   Source: ISO 6166, modulus 10 double-add-double
    """
    code = code.strip().upper()
    if not ISIN_FORM.fullmatch(code):
        raise IdentifierError("ISIN", "two letters, nine letters and digits, one digit", code)
    digits = [int(digit) for character in code for digit in str(int(character, 36))]
    doubled = [digit * 2 for digit in digits[-2::-2]]
    if (sum(digits[-1::-2]) + sum(value // 10 + value % 10 for value in doubled)) % 10:
        raise IdentifierError("ISIN", "a check digit that makes the sum a multiple of ten", code)
    return code
