"""The bytes of a snapshot: numbers one after the other."""

from __future__ import annotations

import struct

M64 = (1 << 64) - 1
COUNT32 = struct.Struct("<I")
COUNT64 = struct.Struct("<Q")


class SnapshotError(ValueError):
    """The bytes are not a snapshot of this edition."""


def require(holds: bool, what: str) -> None:
    """Refuse the snapshot where something does not hold. Raises: SnapshotError."""
    if not holds:
        raise SnapshotError(f"the snapshot's {what} is not possible")


def within(value: int, smallest: int, largest: int) -> bool:
    """Return whether a value lies between two bounds, both included."""
    return smallest <= value <= largest


def split(value: int) -> tuple[int, int]:
    """Return the low and the high word of a 128-bit number."""
    return value & M64, value >> 64


def join(low: int, high: int) -> int:
    """Return the 128-bit number of a low and a high word."""
    return low | high << 64


class Reader:
    """Reads structs one after the other. Raises: SnapshotError where the bytes end too early."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, layout: struct.Struct) -> tuple[int, ...]:
        """Return the next struct's values."""
        if self.at + layout.size > len(self.data):
            raise SnapshotError(f"the snapshot ends at byte {len(self.data)}, before it is whole")
        values = layout.unpack_from(self.data, self.at)
        self.at += layout.size
        return values

    def count(self, layout: struct.Struct = COUNT64) -> range:
        """Return a range over the next count."""
        return range(self.take(layout)[0])
