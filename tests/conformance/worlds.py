"""The worlds in which random commands play: how large, how wide, how tight. One is drawn for each episode."""

from __future__ import annotations

from typing import NamedTuple


class Shape(NamedTuple):
    """Sizes of a world.

    price: where the first orders lie, ticks. width: how far from the last price an order may lie. lots: largest usual
    order. owners: beneficial owners, who share the accounts. step_ns: largest usual step of time.
    """

    name: str
    scales: tuple[int, ...]
    markets: int
    accounts: int
    owners: int
    price: int
    width: int
    lots: int
    lot_size_minor: int
    tick_value_minor: int
    collar_ppm: int
    corridor_ppm: int
    fee_ppm: int
    step_ns: int


# fmt: off
SHAPES = (
    Shape("plain", (8, 2, 8), 2, 20, 20, 10_000, 40, 50, 100, 1, 200_000, 100_000, 2_000, 1_000_000),
    Shape("wide", (8, 2, 18, 0, 24, 6), 8, 60, 40, 5_000, 60, 500, 7, 3, 500_000, 300_000, 10_000, 1_000_000),
    Shape("tight", (8, 2, 8), 3, 20, 16, 10_000, 260, 50, 10, 1, 20_000, 8_000, 1_000, 20_000_000),
    Shape("loose", (8, 2), 2, 16, 14, 10_000, 160, 50, 10, 1, 9_000, 60_000, 1_000, 1_000_000),
    Shape("own", (8, 2), 2, 16, 4, 1_000, 12, 30, 1, 1, 900_000, 900_000, 5_000, 1_000_000),
    Shape("dear", (8, 2, 8), 2, 16, 12, 1 << 62, 1 << 55, 40, 3, 5, 100_000_000, 50_000_000, 500, 1_000_000),
    Shape("cheap", (18, 18, 0), 2, 16, 12, 3, 3, 1 << 63, 1, 1, 100_000_000, 100_000_000, 300_000, 1_000_000),
    Shape("heavy", (24, 18, 8), 3, 16, 12, 1 << 24, 1 << 10, 1 << 24, 1 << 40, 1 << 36, 300_000, 200_000, 999_999, 999),
)
# fmt: on
