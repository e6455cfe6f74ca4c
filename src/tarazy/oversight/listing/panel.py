"""A panel: what was known of every asset on every day. Nothing that came later is seen on a day.

Arrays have the shape (days, assets) and hold int64; 0 stands for "not known on that day". An observation counts until
the source's next one is due: three days for a daily series, until the next survey (at most 35 days) for a survey.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tarazy.oversight.listing.identities import ObservedAsset
from tarazy.oversight.listing.observations import SURVEY, Observation

DAILY_GOOD_DAYS = 3
SURVEY_GOOD_DAYS = 35
DISPUTE_SHARE = 20  # two rows of one survey say the same within a twentieth

Grid = NDArray[np.int64]


class Panel:
    """Prices, values and volumes by day and asset, with the survey from which a value came."""

    def __init__(self, assets: list[ObservedAsset]) -> None:
        every = [row for each in assets for row in each.observations]
        self.assets = assets
        self.first_day = min(row.day for row in every)
        self.days = max(row.day for row in every) - self.first_day + 1
        self.survey_days = sorted({row.day - self.first_day for row in every if row.source == SURVEY})
        shape = (self.days, len(assets))
        self.price: Grid = np.zeros(shape, np.int64)
        self.cap: Grid = np.zeros(shape, np.int64)
        self.observed: Grid = np.zeros(shape, np.int64)  # the price seen on that very day, 0 where none was
        self.surveyed_price: Grid = np.zeros((len(self.survey_days), len(assets)), np.int64)
        self.surveyed_cap: Grid = np.zeros_like(self.surveyed_price)
        self.volume: Grid = np.zeros_like(self.surveyed_price)
        self.other_cap: Grid = np.zeros_like(self.surveyed_price)  # of another source on the day of a survey
        self.other_price: Grid = np.zeros_like(self.surveyed_price)
        self.disputed: Grid = np.zeros_like(self.surveyed_price)  # 1 where a survey has two rows that say otherwise
        self._survey_at = {day: number for number, day in enumerate(self.survey_days)}
        for column, each in enumerate(assets):
            self._fill(column, each)

    def survey_of(self, day: int) -> int:
        """Return the number of the newest survey on a day, or -1."""
        return int(np.searchsorted(self.survey_days, day, side="right")) - 1

    def by_day(self, by_survey: NDArray[Any]) -> NDArray[Any]:
        """Spread a grid by surveys over the days for which each counts; zero elsewhere."""
        spread = np.zeros((self.days, by_survey.shape[1]), by_survey.dtype)
        for number, day in enumerate(self.survey_days):
            spread[day : self._survey_ends(day)] = by_survey[number]
        return spread

    def _survey_ends(self, day: int) -> int:
        number = self._survey_at[day] + 1
        following = self.survey_days[number] if number < len(self.survey_days) else self.days
        return min(following, day + SURVEY_GOOD_DAYS, self.days)

    def _fill(self, column: int, asset: ObservedAsset) -> None:
        for row in asset.observations:
            day = row.day - self.first_day
            survey = self._survey_at.get(day)
            if row.source == SURVEY and survey is not None:
                ends = self._survey_ends(day)
                row = self._undisputed(column, survey, row)
                self.surveyed_price[survey, column], self.surveyed_cap[survey, column] = row.price_pico, row.cap_usd
                self.volume[survey, column] = row.volume_usd
                self.cap[day:ends, column] = row.cap_usd
                self.price[day:ends, column] = row.price_pico
                self.observed[day, column] = row.price_pico
            else:
                self._fill_from_series(column, day, survey, row.price_pico, row.cap_usd)

    def _undisputed(self, column: int, survey: int, row: Observation) -> Observation:
        """Return a survey's row; where it has another that says otherwise, the lower value and volume of both."""
        if not self.surveyed_price[survey, column]:
            return row
        before = [int(grid[survey, column]) for grid in (self.surveyed_price, self.surveyed_cap, self.volume)]
        now = [row.price_pico, row.cap_usd, row.volume_usd]
        if any(abs(a - b) * DISPUTE_SHARE > max(a, b) for a, b in zip(before, now, strict=True)):
            self.disputed[survey, column] = 1
        return row._replace(cap_usd=min(before[1], now[1]), volume_usd=min(before[2], now[2]))

    def _fill_from_series(self, column: int, day: int, survey: int | None, price_pico: int, cap_usd: int) -> None:
        """Let a survey's value stand where one counts: it holds what circulates. A daily price is the newer one."""
        ends = min(day + DAILY_GOOD_DAYS, self.days)
        self.price[day:ends, column] = price_pico
        if not self.observed[day, column]:
            self.observed[day, column] = price_pico
        if cap_usd and (survey is None or not self.surveyed_cap[survey, column]) and not self._surveyed(day, column):
            self.cap[day:ends, column] = cap_usd
        if survey is not None and cap_usd:
            self.other_cap[survey, column], self.other_price[survey, column] = cap_usd, price_pico

    def _surveyed(self, day: int, column: int) -> bool:
        number = self.survey_of(day)
        return (
            number >= 0
            and day < self._survey_ends(self.survey_days[number])
            and bool(self.surveyed_cap[number, column])
        )
