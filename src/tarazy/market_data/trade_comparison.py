"""Compare our trades with the recorded exchange's own: by buy order, sell order, price and quantity.

exact: the same two orders at the same price with the same quantity. partial: the same two orders, another price or
quantity. missing: the exchange's only. extra: ours only. Memory: the exchange's trades not met yet, and ours that match
none of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tarazy.market_data.bitstamp_rows import split_rows
from tarazy.market_data.files import LineReader
from tarazy.market_data.numbers import decimal_number, whole_number

COLUMNS = ("price", "amount", "buy_order_id", "sell_order_id")


class Pair(NamedTuple):
    """The two orders of a trade."""

    buy: int
    sell: int


class TradeTerms(NamedTuple):
    """What a trade was at."""

    price_ticks: int
    lots: int


class PartialMatch(NamedTuple):
    """The same two orders, on other terms."""

    pair: Pair
    truth: TradeTerms
    ours: TradeTerms


class Unmatched(NamedTuple):
    """A trade of one side only."""

    pair: Pair
    terms: TradeTerms


@dataclass
class Comparison:
    """The outcome; `ours` lists all of our trades that are not exact, by order."""

    price_places: int
    volume_places: int
    truth: int = 0
    exact: int = 0
    partial: list[PartialMatch] = field(default_factory=list)
    missing: list[Unmatched] = field(default_factory=list)
    extra: list[Unmatched] = field(default_factory=list)

    def price(self, ticks: int) -> str:
        """Return a price as a decimal text."""
        return decimal_text(ticks, self.price_places)

    def quantity(self, lots: int) -> str:
        """Return a quantity as a decimal text."""
        return decimal_text(lots, self.volume_places)


class TradeComparison:
    """Take our trades one by one against a trades file."""

    def __init__(self, path: Path, price_places: int, volume_places: int) -> None:
        """Read the exchange's trades.

        Raises: FlowFileError where the file is not of the format.
        """
        self.outcome = Comparison(price_places, volume_places)
        self.waiting: dict[Pair, list[TradeTerms]] = {}
        self.ours: dict[Pair, list[TradeTerms]] = {}
        for pair, terms in read_trades(path, price_places, volume_places):
            self.outcome.truth += 1
            self.waiting.setdefault(pair, []).append(terms)

    def add(self, pair: Pair, price_ticks: int, lots: int) -> None:
        """Compare one of our trades."""
        terms = TradeTerms(price_ticks, lots)
        waiting = self.waiting.get(pair)
        if waiting and terms in waiting:
            waiting.remove(terms)
            self.outcome.exact += 1
            if not waiting:
                del self.waiting[pair]
        else:
            self.ours.setdefault(pair, []).append(terms)

    def result(self) -> Comparison:
        """Return the outcome."""
        outcome = self.outcome
        outcome.partial, outcome.missing, outcome.extra = [], [], []
        for pair in dict.fromkeys([*self.waiting, *self.ours]):
            truth, ours = self.waiting.get(pair, []), self.ours.get(pair, [])
            outcome.partial += [PartialMatch(pair, *both) for both in zip(truth, ours, strict=False)]
            outcome.missing += [Unmatched(pair, terms) for terms in truth[len(ours) :]]
            outcome.extra += [Unmatched(pair, terms) for terms in ours[len(truth) :]]
        return outcome


def read_trades(path: Path, price_places: int, volume_places: int) -> Iterator[tuple[Pair, TradeTerms]]:
    """Yield the exchange's trades."""
    for line, (price, amount, buy, sell) in split_rows(path, LineReader(path), COLUMNS):
        pair = Pair(whole_number(path, line, "buy_order_id", buy), whole_number(path, line, "sell_order_id", sell))
        ticks = decimal_number(path, line, "price", price, price_places, 1)
        lots = decimal_number(path, line, "amount", amount, volume_places, 1)
        yield pair, TradeTerms(ticks, lots)


def decimal_text(value: int, places: int) -> str:
    """Return an integer of units of 10^-places as a decimal text."""
    if places == 0:
        return str(value)
    digits = str(value).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}"
