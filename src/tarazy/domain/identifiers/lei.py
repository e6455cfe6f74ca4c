"""Legal entity identifiers: twenty characters, the last two check the rest.

Source: ISO 17442, whose check is ISO 7064 MOD 97-10: letters become 10 to 35, and the whole number modulo 97 is 1.
"""

from __future__ import annotations

LENGTH = 20
MODULUS = 97
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def is_lei(text: str) -> bool:
    """Say whether a text is a sound identifier, in capitals and without spaces."""
    if len(text) != LENGTH or any(character not in DIGITS for character in text) or not text[-2:].isdigit():
        return False
    return remainder(text) == 1


def lei_with_check(first: str) -> str:
    """Return an identifier from its first eighteen characters."""
    return f"{first}{MODULUS + 1 - remainder(first + '00'):02d}"


def remainder(text: str) -> int:
    """Return the number that the characters make, modulo 97."""
    return int("".join(str(DIGITS.index(character)) for character in text)) % MODULUS
