"""The little of the contract ABI that reading a token needs: selectors, calls with words, answers that may be odd.

Source: Solidity documentation, contract ABI specification.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from tarazy.chains.evm.code import keccak256
from tarazy.chains.evm.values import WORD_BYTES, as_hex, word_of_address, word_of_number

TEXT_CHARACTERS_MAX = 256
DECIMALS_MAX = 255


@cache
def selector(signature: str) -> bytes:
    """Return the four bytes that choose an entry point: `selector("owner()")`."""
    return keccak256(signature.encode())[:4]


@cache
def topic(signature: str) -> str:
    """Return the first topic of an event's log entries."""
    return as_hex(keccak256(signature.encode()))


def call_data(signature: str, *arguments: int | str) -> bytes:
    """Return the input of a call whose arguments are numbers and addresses."""
    return selector(signature) + b"".join(
        word_of_address(each) if isinstance(each, str) else word_of_number(each) for each in arguments
    )


def words(given: bytes) -> list[int]:
    """Return the whole 32-byte words of an answer as numbers."""
    return [int.from_bytes(given[i : i + WORD_BYTES], "big") for i in range(0, len(given) - WORD_BYTES + 1, WORD_BYTES)]


def number(given: bytes) -> int | None:
    """Return the number that an answer begins with, or None where it is too short."""
    return int.from_bytes(given[:WORD_BYTES], "big") if len(given) >= WORD_BYTES else None


def address(given: bytes) -> str | None:
    """Return the address that an answer is, zero included, or None where it is none."""
    if len(given) != WORD_BYTES or any(given[:12]):
        return None
    return as_hex(given[12:])


def text(given: bytes) -> str | None:
    """Return a name or symbol, given as a string or, as old tokens do, as 32 bytes; None where it is neither.

    Bytes that are no UTF-8 become U+FFFD, control characters go, and the end beyond 256 characters is cut.
    """
    found = given.rstrip(b"\0") if len(given) == WORD_BYTES else _string(given)
    if found is None or b"\0" in found:
        return None
    characters = found.decode("utf-8", "replace")[:TEXT_CHARACTERS_MAX]
    return "".join(each for each in characters if unicodedata.category(each) != "Cc")


def _string(given: bytes) -> bytes | None:
    if len(given) < 2 * WORD_BYTES:
        return None
    start = int.from_bytes(given[:WORD_BYTES], "big")
    if start + WORD_BYTES > len(given):
        return None
    length = int.from_bytes(given[start : start + WORD_BYTES], "big")
    if start + WORD_BYTES + length > len(given):
        return None
    return given[start + WORD_BYTES : start + WORD_BYTES + length]


def decimals(given: bytes) -> int | None:
    """Return the number of decimals, or None where the answer is none or no number of decimals."""
    found = number(given)
    return found if found is not None and found <= DECIMALS_MAX else None
