"""The grid of prices: a table of price bands, each with its step in ticks.

A price is on the grid when it is a multiple of its band's step; a band begins at a multiple of its step and reaches up
to the next one. Below the first band, and without a table, every tick is a price. Source: the tick-size table of
Commission Delegated Regulation (EU) 2017/588 (RTS 11), bands of prices each with its tick size; Binance's PRICE_FILTER.
"""

from __future__ import annotations

from bisect import bisect_right

from tarazy.domain.arithmetic import U64_MAX, div_ceil, saturate_u64
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.refusal import Refusal
from tarazy.spec.state import Market


def band_at(market: Market, price_ticks: int) -> tuple[int, int]:
    """Return the step at a price, and the lowest price of the next band."""
    bands = market.tick_bands
    at = bisect_right(bands, (price_ticks, U64_MAX))
    return bands[at - 1][1] if at else 1, bands[at][0] if at < len(bands) else U64_MAX


def grid_floor(market: Market, price_ticks: int) -> int:
    """Return the highest price of the grid that is not above this one."""
    return price_ticks - price_ticks % band_at(market, price_ticks)[0]


def grid_ceil(market: Market, price_ticks: int) -> int:
    """Return the lowest price of the grid that is not below this one, at most the largest number."""
    step, next_band = band_at(market, price_ticks)
    return min(saturate_u64(div_ceil(price_ticks, step) * step), next_band)


def check_grid(market: Market, price_ticks: int) -> None:
    """Refuse a price that is not on the grid."""
    if market.tick_bands:
        step, _ = band_at(market, price_ticks)
        if price_ticks % step:
            raise Refusal(RejectCode.price_off_grid, step, price_ticks)
