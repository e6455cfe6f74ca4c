"""Trailing stops: the trigger follows the best price since the stop began, at a distance in basis points.

A sell follows the highest print, a buy the lowest. It is elected by a print that turns back from there by the distance
or more: exact, so that a sell's trigger is rounded down and a buy's up. A stop with a price at which it begins waits
for a print that reaches it as a plain stop does for its trigger, and that print is its first extreme.
Source: Binance Spot, Trailing Stop order FAQ; the filter TRAILING_DELTA has 10 to 2,000 basis points.
"""

from __future__ import annotations

from typing import NamedTuple

from tarazy.domain.arithmetic import PPM, div_ceil, div_floor, saturate_u64
from tarazy.domain.records import Side

BP = 10_000
TRAILING_MIN_BP = 10
TRAILING_MAX_BP = 2_000
BUY = int(Side.buy)


class Trail(NamedTuple):
    """How far a stop trails, and from where: 0 before it has begun."""

    trailing_bp: int
    extreme_ticks: int = 0


def trailing_trigger(side: int, extreme_ticks: int, trailing_bp: int) -> int:
    """Return the price that elects a stop which has seen this extreme, ticks; 0 where a sell's would be under one."""
    if side == BUY:
        return saturate_u64(div_ceil(extreme_ticks * (BP + trailing_bp), BP))
    return div_floor(extreme_ticks * (BP - trailing_bp), BP)


def worst_price(trigger_ticks: int, collar_ppm: int) -> int:
    """Return the most that a market buy may pay once triggered, ticks."""
    return saturate_u64(trigger_ticks + div_floor(trigger_ticks * collar_ppm, PPM))
