"""From symbols to assets: a symbol is no identity.

A symbol that vanishes from the surveys and returns with another price or supply is another asset until somebody proves
that it is the same (Terra's LUNA went in May 2022; in October another coin bore the symbol). Two rows of one symbol in
one survey are two assets, told apart by name. A series of prices belongs to a symbol only where it agrees with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

from tarazy.oversight.listing.observations import SURVEY, Observation

ABSENCE_DAYS = 45  # longer than a month between two surveys
PRICE_BREAK = 10  # times
SUPPLY_BREAK = 2  # times
AGREEMENT_PPM = 100_000  # of the median of two prices on shared days
PPM = 1_000_000


@dataclass
class ObservedAsset:
    """One asset and what was observed of it, in the order of days."""

    symbol: str
    name: str
    number: int = 1  # the first, second ... asset that bears the symbol
    observations: list[Observation] = field(default_factory=list)

    @property
    def identity(self) -> str:
        """Return its name in reports: the symbol, with its number where an earlier asset bore it."""
        return self.symbol if self.number == 1 else f"{self.symbol} ({self.number})"


def assets_of(observations: Iterable[Observation]) -> tuple[list[ObservedAsset], list[str]]:
    """Return the assets, and the series that agree with none, as words."""
    by_symbol: dict[str, dict[str, list[Observation]]] = defaultdict(lambda: defaultdict(list))
    for each in observations:
        by_symbol[each.symbol][each.source].append(each)
    found: list[ObservedAsset] = []
    strange: list[str] = []
    for symbol in sorted(by_symbol):
        sources = by_symbol[symbol]
        surveyed = _from_surveys(symbol, sorted(sources.pop(SURVEY, ())))
        for source in sorted(sources):
            _attach(symbol, source, sorted(sources[source]), surveyed, strange)
        found += surveyed
    for asset in found:
        asset.observations.sort(key=lambda o: (o.day, o.source != SURVEY))
    return found, strange


def _from_surveys(symbol: str, rows: list[Observation]) -> list[ObservedAsset]:
    days = [row.day for row in rows]
    if len(days) == len(set(days)):
        return _lives(symbol, rows)
    by_name: dict[str, list[Observation]] = defaultdict(list)
    for row in rows:
        by_name[row.name].append(row)
    found = [life for name in sorted(by_name, key=lambda n: by_name[n][0]) for life in _lives(symbol, by_name[name])]
    for number, each in enumerate(found, 1):
        each.number = number
    return found


def _lives(symbol: str, rows: list[Observation]) -> list[ObservedAsset]:
    found: list[ObservedAsset] = []
    for row in rows:
        if not found or is_another(found[-1].observations[-1], row):
            found.append(ObservedAsset(symbol, row.name, len(found) + 1))
        found[-1].name = row.name
        found[-1].observations.append(row)
    return found


def is_another(last: Observation, now: Observation) -> bool:
    """Return whether a symbol that was away came back as another asset: its price or its supply is not what it was."""
    if now.day - last.day <= ABSENCE_DAYS:
        return False
    supplies = last.cap_usd * now.price_pico, now.cap_usd * last.price_pico
    return _apart(last.price_pico, now.price_pico, PRICE_BREAK) or _apart(*supplies, SUPPLY_BREAK)


def _apart(first: int, second: int, times: int) -> bool:
    return max(first, second) > times * min(first, second)


def _attach(symbol: str, source: str, rows: list[Observation], assets: list[ObservedAsset], strange: list[str]) -> None:
    """Give a series to the asset that it agrees with, or make one where there is no other to compare it with."""
    if not assets:
        assets.append(ObservedAsset(symbol, "", 1, list(rows)))
        return
    prices = {row.day: row.price_pico for each in assets for row in each.observations}
    shared = [abs(PPM * row.price_pico // prices[row.day] - PPM) for row in rows if row.day in prices]
    if shared and median(shared) > AGREEMENT_PPM:
        strange.append(f"{symbol} of {source}: the price is {median(shared) // 10_000} % off on {len(shared)} days")
        return
    for place, each in enumerate(assets):
        ends = assets[place + 1].observations[0].day if place + 1 < len(assets) else rows[-1].day + 1
        begins = 0 if place == 0 else each.observations[0].day
        each.observations += [row for row in rows if begins <= row.day < ends]
