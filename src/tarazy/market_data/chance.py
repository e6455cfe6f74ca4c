"""Chance in integers: the same seed gives the same numbers on every machine."""

from __future__ import annotations

M64 = (1 << 64) - 1


class Chance:
    """SplitMix64 (Steele, Lea, Flood 2014), with draws that use no fractions."""

    def __init__(self, seed: int) -> None:
        self.state = seed & M64

    def next(self) -> int:
        """Return the next 64 random bits."""
        self.state = (self.state + 0x9E3779B97F4A7C15) & M64
        z = self.state
        z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & M64
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & M64
        return z ^ z >> 31

    def below(self, bound: int) -> int:
        """Return a number from 0 to bound - 1; the bias is below bound / 2^64."""
        return self.next() * bound >> 64

    def between(self, low: int, high: int) -> int:
        """Return a number from low to high, both included."""
        return low + self.below(high - low + 1)

    def near(self, reach: int) -> int:
        """Return a number from 0 to reach, small ones more often."""
        return min(self.below(reach + 1), self.below(reach + 1), self.below(reach + 1))

    def size(self) -> int:
        """Return an order's size in lots: one to nine units of a power of ten, large powers seldom."""
        return (1 + self.below(9)) * int(10 ** (4 + self.near(4)))
