"""Whole levels of the liabilities trees at once: leaves of consecutive accounts, and parents.

An entry is 48 bytes, hash and amount (u128, little-endian); a level is its entries side by side. The Rust engine's
module has the same two functions, which are many times faster: whoever may load it takes those.
"""

from __future__ import annotations

from typing import Protocol

from tarazy.spec.liabilities import ZERO, Entry, leaf, node

ENTRY_BYTES = 48
NUMBER_BYTES = 16
LEVEL_MAX = 6


class LevelHasher(Protocol):
    """What hashes levels: this module, or that of the Rust engine."""

    def liability_entries(
        self, asset_id: int, first_account: int, salts: bytes, amounts: bytes, level: int, /
    ) -> bytes:
        """Return the entries of a low level above consecutive accounts."""
        ...

    def liability_parents(self, entries: bytes, /) -> bytes:
        """Return the parents of an even number of entries."""
        ...


def packed_entry(entry: Entry) -> bytes:
    """Return the 48 bytes of an entry."""
    return entry[0] + entry[1].to_bytes(NUMBER_BYTES, "little")


def read_entry(level: bytes, index: int) -> Entry:
    """Return an entry of a level."""
    at = index * ENTRY_BYTES
    return level[at : at + 32], number_at(level, at + 32)


def number_at(data: bytes, at: int) -> int:
    """Return the u128 at a byte."""
    return int.from_bytes(data[at : at + NUMBER_BYTES], "little")


def liability_entries(asset_id: int, first_account: int, salts: bytes, amounts: bytes, level: int) -> bytes:
    """Return the entries of a low level (0: the leaves) above consecutive accounts, from a multiple of its width on.

    Salts and amounts are u128, little-endian, side by side; what lies beyond them are zero leaves.
    Raises: ValueError where there are not as many salts as amounts, or a level or account too high.
    """
    count = len(amounts) // NUMBER_BYTES
    if len(salts) != len(amounts) or len(amounts) % NUMBER_BYTES:
        raise ValueError(f"expected as many salts as amounts, found {len(salts)} and {len(amounts)} bytes")
    if level > LEVEL_MAX or first_account + count > 1 << 32:
        raise ValueError(f"expected accounts below 2**32 and a level up to {LEVEL_MAX}, found more")
    found = []
    for at in range(0, len(amounts), NUMBER_BYTES):
        amount_minor = number_at(amounts, at)
        account_id = first_account + at // NUMBER_BYTES
        entry = leaf(asset_id, account_id, number_at(salts, at), amount_minor) if amount_minor else ZERO
        found.append(packed_entry(entry))
    entries = b"".join(found)
    for _ in range(level):
        entries = liability_parents(even(entries))
    return entries


def even(entries: bytes) -> bytes:
    """Return entries, with the zero leaf behind an odd number."""
    return entries + bytes(ENTRY_BYTES) if len(entries) // ENTRY_BYTES % 2 else entries


def liability_parents(entries: bytes) -> bytes:
    """Return the parents of a level with an even number of entries.

    Raises: ValueError where the number is odd or a sum does not fit 128 bits.
    """
    if len(entries) % (2 * ENTRY_BYTES):
        raise ValueError(f"expected pairs of entries of {ENTRY_BYTES} bytes, found {len(entries)} bytes")
    found = []
    for index in range(0, len(entries) // ENTRY_BYTES, 2):
        left, right = read_entry(entries, index), read_entry(entries, index + 1)
        if (left[1] + right[1]) >> 128:
            raise ValueError("expected amounts whose sum fits 128 bits, found larger ones")
        found.append(packed_entry(ZERO if left == ZERO == right else node(left, right)))
    return b"".join(found)
