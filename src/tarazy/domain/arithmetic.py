"""Integer arithmetic of money: every division says who keeps the remainder."""

from __future__ import annotations

PPM = 1_000_000
AMOUNT_MAX = 1 << 120
U64_MAX = (1 << 64) - 1
U128_MAX = (1 << 128) - 1


def div_floor(numerator: int, denominator: int) -> int:
    """Return the quotient rounded down; the remainder stays with the payer of the quotient."""
    return numerator // denominator


def div_ceil(numerator: int, denominator: int) -> int:
    """Return the quotient rounded up; the payer of the quotient pays for the remainder."""
    return -(-numerator // denominator)


def div_exact(numerator: int, denominator: int) -> int:
    """Return the quotient of a division without remainder.

    Raises: ValueError when there is a remainder.
    """
    quotient, remainder = divmod(numerator, denominator)
    if remainder:
        raise ValueError(f"expected a multiple of {denominator}, found {numerator} (remainder {remainder})")
    return quotient


def fee_minor(received_minor: int, rate_ppm: int) -> int:
    """Return the fee on what a side received, rounded down so that no client is over-charged.

    Units: minor units of the asset received; rate in parts per million.
    """
    return div_floor(received_minor * rate_ppm, PPM)


def scale_floor(amount: int, numerator: int, denominator: int) -> int:
    """Return amount * numerator / denominator rounded down, at most the largest 128-bit number."""
    return min(div_floor(amount * numerator, denominator), U128_MAX)


def scale_ceil(amount: int, numerator: int, denominator: int) -> int:
    """Return amount * numerator / denominator rounded up, at most the largest 128-bit number."""
    return min(div_ceil(amount * numerator, denominator), U128_MAX)


def saturate_u64(value: int) -> int:
    """Return the value, or the largest 64-bit number where it does not fit."""
    return min(value, U64_MAX)


def saturate_u128(value: int) -> int:
    """Return the value, or the largest 128-bit number where it does not fit."""
    return min(value, U128_MAX)
