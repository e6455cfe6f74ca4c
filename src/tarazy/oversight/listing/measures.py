"""Measures of a market's record, by day and asset. Each uses what was known on that day alone; -1 stands for unknown.

One function makes one grid of the shape (days, assets). A measure has no threshold: those stand in `criteria.toml`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tarazy.oversight.listing.observations import PICO
from tarazy.oversight.listing.panel import Grid, Panel

PPM = 1_000_000
UNKNOWN = -1
MONTH_DAYS = 31
YEAR_DAYS = 365
MEDIAN_SURVEYS = 4  # a quarter with both ends
MEDIAN_SURVEYS_MIN = 3
PEG_BAND_PICO = PICO // 50  # 2 % about one dollar
PEG_SHARE_PPM = 800_000
PEG_OBSERVATIONS_MIN = 3
TWIN_BAND_PPM = 30_000
TWIN_SURVEYS = 6
TWIN_SURVEYS_MIN = 4
PRICE_CONFLICT_PPM = 50_000
CAP_CONFLICT_TIMES = 10
NEW_UNIT_TIMES = 10


def days_without_value(panel: Panel) -> Grid:
    """Return for how many days no source has given a value (days)."""
    rows = np.arange(panel.days)[:, None]
    last = np.maximum.accumulate(np.where(panel.cap > 0, rows, UNKNOWN), axis=0)
    return np.where(last < 0, UNKNOWN, rows - last)


def left_out(panel: Panel) -> Grid:
    """Return 1 where the newest survey leaves out an asset that an earlier one named, and nobody else values it."""
    named = panel.surveyed_cap > 0
    earlier = np.maximum.accumulate(named, axis=0)
    gone = panel.by_day((earlier & ~named).astype(np.int64))
    return np.where((gone > 0) & (panel.cap == 0), 1, 0).astype(np.int64)


def age(panel: Panel) -> Grid:
    """Return the length of the record: days since the first observation (days)."""
    rows = np.arange(panel.days)[:, None]
    seen = np.maximum.accumulate(panel.observed > 0, axis=0)
    first = np.where(panel.observed.any(axis=0), (panel.observed > 0).argmax(axis=0), panel.days)[None, :]
    return np.where(seen, rows - first, UNKNOWN)


def longest_gap(panel: Panel) -> Grid:
    """Return the longest time of the last year without an observation (days); before the first there is none."""
    rows = np.arange(panel.days)[:, None]
    last = np.maximum.accumulate(np.where(panel.observed > 0, rows, UNKNOWN), axis=0)
    return _highest_of_a_year(np.where(last < 0, UNKNOWN, rows - last))


def value(panel: Panel) -> Grid:
    """Return the value of what circulates (USD)."""
    return np.where(panel.cap > 0, panel.cap, UNKNOWN)


def rank(panel: Panel) -> Grid:
    """Return the place among all valued assets, 1 for the largest."""
    order = np.argsort(-panel.cap, axis=1, kind="stable")
    places = np.empty_like(order)
    np.put_along_axis(places, order, np.arange(1, panel.cap.shape[1] + 1)[None, :], axis=1)
    return np.where(panel.cap > 0, places, UNKNOWN)


def volume(panel: Panel) -> Grid:
    """Return the median volume of 24 hours in the surveys of the last quarter (USD)."""
    return panel.by_day(_median_of_surveys(panel.volume, panel.surveyed_cap > 0) + 1) - 1


def turnover(panel: Panel) -> Grid:
    """Return the median of volume to value in the surveys of the last quarter (ppm)."""
    ratio = panel.volume.astype(np.float64) * PPM / np.maximum(panel.surveyed_cap, 1)
    return panel.by_day(_median_of_surveys(ratio.astype(np.int64), panel.surveyed_cap > 0) + 1) - 1


def _median_of_surveys(grid: Grid, named: NDArray[np.bool_]) -> Grid:
    found = np.full_like(grid, UNKNOWN)
    for last in range(grid.shape[0]):
        window = slice(max(0, last - MEDIAN_SURVEYS + 1), last + 1)
        enough = named[last] & (named[window].sum(axis=0) >= MEDIAN_SURVEYS_MIN)
        if enough.any():
            shown = np.where(named[window], grid[window], np.nan)[:, enough]
            found[last, enough] = np.nanmedian(shown, axis=0).astype(np.int64)
    return found


def fall(panel: Panel) -> Grid:
    """Return how far the price stands below its highest of the last 31 days (ppm).

    Where the value of what circulates is known, no more than that has fallen: a thousand new units for an old one make
    a price a thousandth, and nobody poorer.
    """
    price, cap = _below_highest(panel.price), _below_highest(panel.cap)
    return np.where((price >= 0) & (cap >= 0), np.minimum(price, cap), price)


def _below_highest(grid: Grid) -> Grid:
    highest = grid.copy()
    for back in range(1, min(MONTH_DAYS + 1, grid.shape[0])):
        np.maximum(highest[back:], grid[:-back], out=highest[back:])
    lost = PPM - (grid.astype(np.float64) * PPM / np.maximum(highest, 1)).astype(np.int64)
    return np.where(grid > 0, lost, UNKNOWN)


def worst_fall(panel: Panel) -> Grid:
    """Return the worst fall within a month that the last year has seen (ppm)."""
    return _highest_of_a_year(fall(panel))


def _highest_of_a_year(grid: Grid) -> Grid:
    """Return the highest of the last year, in the grid's own place."""
    span = 1
    while span < YEAR_DAYS:  # windows of 1, 2, 4 ... days, put together
        step = min(span, YEAR_DAYS - span)
        if step < grid.shape[0]:
            earlier = grid[:-step].copy()
            np.maximum(grid[step:], earlier, out=grid[step:])
        span += step
    return grid


def supply_growth(panel: Panel) -> Grid:
    """Return by how much the supply of the newest survey is over that of the survey before (ppm); 0 where it fell.

    Ten times the supply or more at nearly the same value is a new unit, not a dilution: 0.
    """
    prices = np.maximum(panel.surveyed_price, 1).astype(np.float64)
    supply = np.where(panel.surveyed_price > 0, panel.surveyed_cap * float(PICO) / prices, 0.0)
    growth = np.full_like(panel.surveyed_cap, UNKNOWN)
    both = (supply[1:] > 0) & (supply[:-1] > 0)
    times = supply[1:] / np.where(both, supply[:-1], 1.0)
    worth = panel.surveyed_cap[1:] / np.maximum(panel.surveyed_cap[:-1], 1)
    times[(times >= NEW_UNIT_TIMES) & (worth > 0.5) & (worth < 2.0)] = 1.0
    growth[1:] = np.where(both, np.clip((times - 1.0) * PPM, 0, 1e15), UNKNOWN).astype(np.int64)
    return panel.by_day(growth + 1) - 1


def fixed_value(panel: Panel) -> Grid:
    """Return 1 where four fifths of a year's prices, or of as many as there are, lie within 2 % of one dollar.

    An asset that was so once keeps the class: a stablecoin that has lost its peg is still a stablecoin.
    """
    seen = (panel.observed > 0).astype(np.int64)
    near = seen * (np.abs(panel.observed - PICO) <= PEG_BAND_PICO)
    counted, close = _of_a_year(seen), _of_a_year(near)
    pegged = (counted >= PEG_OBSERVATIONS_MIN) & (close * PPM >= counted * PEG_SHARE_PPM)
    return np.maximum.accumulate(pegged, axis=0).astype(np.int64)


def _of_a_year(grid: Grid) -> Grid:
    total: Grid = np.cumsum(grid, axis=0, dtype=np.int64)
    total[YEAR_DAYS:] -= total[:-YEAR_DAYS].copy()
    return total


def twin(panel: Panel) -> Grid:
    """Return 1 where the price was within 3 % of a larger asset's in each of the last surveys: a wrapped asset."""
    prices = panel.surveyed_price.astype(np.float64)
    found = np.zeros_like(panel.surveyed_price)
    pegged = panel.surveyed_price > 0
    pegged &= np.abs(panel.surveyed_price - PICO) <= PEG_BAND_PICO
    for last in range(prices.shape[0]):
        window = prices[max(0, last - TWIN_SURVEYS + 1) : last + 1]
        there = np.flatnonzero((window > 0).sum(axis=0) >= TWIN_SURVEYS_MIN)
        there = there[(panel.surveyed_cap[last, there] > 0) & ~pegged[last, there]]
        found[last, there] = _twins(window[:, there], panel.surveyed_cap[last, there])
    return panel.by_day(found)


def _twins(window: NDArray[np.float64], caps: Grid) -> NDArray[np.int64]:
    """Return 1 for each column whose prices another, larger one's match. Shapes: (surveys, n), (n,), (n,)."""
    both = (window[:, :, None] > 0) & (window[:, None, :] > 0)
    ratio = np.where(both, window[:, :, None] / np.where(window > 0, window, 1.0)[:, None, :], 1.0)
    close = (np.abs(ratio - 1.0) * PPM <= TWIN_BAND_PPM).all(axis=0) & (both.sum(axis=0) >= TWIN_SURVEYS_MIN)
    found: NDArray[np.int64] = (close & (caps[None, :] > caps[:, None])).any(axis=1).astype(np.int64)
    return found


def conflict(panel: Panel) -> Grid:
    """Return 1 where two sources differ on the day of a survey (prices by over 5 %, or values by over ten times), or a
    survey has two rows that do (by over 5 %)."""
    both = (panel.other_cap > 0) & (panel.surveyed_cap > 0)
    prices, others = panel.surveyed_price.astype(np.float64), panel.other_price.astype(np.float64)
    price = both & (np.abs(others - prices) * PPM > PRICE_CONFLICT_PPM * prices)
    caps, other_caps = panel.surveyed_cap.astype(np.float64), panel.other_cap.astype(np.float64)
    cap = both & (np.maximum(caps, other_caps) > CAP_CONFLICT_TIMES * np.minimum(caps, other_caps))
    return panel.by_day((price | cap | (panel.disputed > 0)).astype(np.int64))


MEASURES: dict[str, Callable[[Panel], Grid]] = {
    "days_without_value": days_without_value,
    "left_out": left_out,
    "age": age,
    "longest_gap": longest_gap,
    "value": value,
    "rank": rank,
    "volume": volume,
    "turnover": turnover,
    "fall": fall,
    "worst_fall": worst_fall,
    "supply_growth": supply_growth,
    "fixed_value": fixed_value,
    "twin": twin,
    "conflict": conflict,
}
