"""Questions to the bits of a number."""

from __future__ import annotations

WORD = (1 << 256) - 1
SIGN = 1 << 255


def low_mask(value: int) -> int:
    """Return n where value is 2**n - 1 and n is 1 to 255, else 0."""
    return value.bit_length() if 0 < value < WORD and value & (value + 1) == 0 else 0


def run_of_bits(value: int) -> tuple[int, int] | None:
    """Return (lowest bit, number of bits) where a value's set bits are one run, else None."""
    low = (value & -value).bit_length() - 1
    return (low, (value >> low).bit_length()) if value and value >> low & (value >> low) + 1 == 0 else None


def power_of_two(value: int) -> int:
    """Return k where value is 2**k, else -1."""
    return value.bit_length() - 1 if value > 0 and value & (value - 1) == 0 else -1


def signed(value: int) -> int:
    """Return a word read as two's complement."""
    return value - (1 << 256) if value & SIGN else value
