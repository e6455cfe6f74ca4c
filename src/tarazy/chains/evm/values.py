"""Values of the JSON-RPC protocol, taken from answers that may hold anything: each is right or `ValueError` says why.

Source: Ethereum JSON-RPC specification, hex value encoding.
"""

from __future__ import annotations

import re
from typing import Any

QUANTITY = re.compile(r"0x(?:0|[1-9a-fA-F][0-9a-fA-F]*)")
HEX = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
WORD_BYTES = 32
ZERO_ADDRESS = "0x" + "0" * 40
FOUND_CHARACTERS = 80


def show(value: Any) -> str:
    """Return what was found, short enough for a sentence."""
    text = repr(value)
    return text if len(text) <= FOUND_CHARACTERS else f"{text[:FOUND_CHARACTERS]}... ({len(text)} characters)"


def quantity(value: Any, bits: int = 256) -> int:
    """Return the number of a quantity.

    Raises: ValueError where it is no hex number without leading zeros, or has more bits.
    """
    if not isinstance(value, str) or len(value) > 2 + bits // 4 or not QUANTITY.fullmatch(value):
        raise ValueError(f"expected a hex quantity of at most {bits} bits, found {show(value)}")
    return int(value, 16)


def data(value: Any, length: int | None = None) -> bytes:
    """Return the bytes of unformatted data, of exactly this length where one is given."""
    if not isinstance(value, str) or not HEX.fullmatch(value):
        raise ValueError(f"expected hex data, found {show(value)}")
    found = bytes.fromhex(value[2:])
    if length is not None and len(found) != length:
        raise ValueError(f"expected {length} bytes, found {len(found)}")
    return found


def word(value: Any) -> bytes:
    """Return 32 bytes."""
    return data(value, WORD_BYTES)


def hash32(value: Any) -> str:
    """Return a hash as 0x and 64 lower-case digits."""
    return "0x" + data(value, WORD_BYTES).hex()


def address(value: Any) -> str:
    """Return an address as 0x and 40 lower-case digits."""
    return "0x" + data(value, 20).hex()


def optional_address(value: Any) -> str | None:
    """Return an address, or None for null."""
    return None if value is None else address(value)


def address_of_word(given: bytes) -> str | None:
    """Return the address that a 32-byte word holds, or None where it holds more or nothing."""
    if len(given) != WORD_BYTES or any(given[:12]) or not any(given[12:]):
        return None
    return "0x" + given[12:].hex()


def word_of_address(given: str) -> bytes:
    """Return an address as the 32-byte word of a call."""
    return bytes.fromhex(given[2:]).rjust(WORD_BYTES, b"\0")


def word_of_number(given: int) -> bytes:
    """Return a number as a 32-byte word."""
    return given.to_bytes(WORD_BYTES, "big")


def as_hex(given: bytes) -> str:
    """Return bytes as the protocol writes them."""
    return "0x" + given.hex()


def fields(value: Any, what: str) -> dict[str, Any]:
    """Return an object of the answer."""
    if not isinstance(value, dict):
        raise ValueError(f"expected {what} as an object, found {show(value)}")
    return value


def elements(value: Any, what: str) -> list[Any]:
    """Return a list of the answer."""
    if not isinstance(value, list):
        raise ValueError(f"expected {what} as a list, found {show(value)}")
    return value
