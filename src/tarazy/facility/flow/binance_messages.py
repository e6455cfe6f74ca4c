"""Messages of a Binance stream capture: each line is the local time in nanoseconds, a space, and one JSON text.

Read are `depthUpdate` (level-2 differences with their update ids U to u), `trade`, `bookTicker` (the best bid and ask
with the update id u at which they became so), and one depth snapshot of the REST interface (`lastUpdateId`). Other
messages are counted and passed over. Prices and quantities are decimal texts; they never become floats.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.facility.flow.commands import BUY, SELL
from tarazy.facility.flow.errors import FlowFileError, shown
from tarazy.facility.flow.files import PLACES_MAX, LineReader, decimal_places, scaled

QUOTES = ("USDT", "USDC", "FDUSD", "TUSD", "BUSD", "BTC", "ETH", "BNB", "EUR", "TRY", "USD")


class Level(NamedTuple):
    """A price level as the exchange states it: the whole quantity at the price, 0 = none."""

    side: int
    price_ticks: int
    lots: int


class Depth(NamedTuple):
    """Differences of the book: levels as they are after update `last_id`. follows: the id that must come before."""

    line: int
    time_ms: int
    first_id: int
    last_id: int
    follows: int
    levels: list[Level]


class Trade(NamedTuple):
    """A fill; side is the aggressor's."""

    line: int
    time_ms: int
    trade_id: int
    side: int
    price_ticks: int
    lots: int


class Ticker(NamedTuple):
    """The best bid and ask."""

    line: int
    update_id: int
    bid: Level
    ask: Level


class Snapshot(NamedTuple):
    """The book of the REST interface, as after update `last_id`."""

    line: int
    last_id: int
    levels: list[Level]


Message = Depth | Trade | Ticker | Snapshot


@dataclass
class Survey:
    """What the first pass over a capture learns."""

    lines: int = 0
    price_places: int = 0
    lot_places: int = 0
    symbol: str = ""
    first_ms: int = 0
    kinds: Counter[str] = field(default_factory=Counter)


def read_lines(path: Path, reader: LineReader) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (local time in nanoseconds, message) of every line, without the wrapper of combined streams.

    Raises: FlowFileError with the line of what is no message.
    """
    for text in reader:
        if not text.strip():
            continue
        head, _, body = text.partition(" ")
        if not head.isdecimal():
            raise FlowFileError(path, reader.line, "a local time in nanoseconds, a space, a JSON text", shown(text))
        try:
            message = json.loads(body)
        except ValueError as error:
            raise FlowFileError(path, reader.line, "a JSON text after the time", f"{shown(body)} ({error})") from None
        if isinstance(message, dict) and isinstance(message.get("data"), dict):
            message = message["data"]
        if not isinstance(message, dict):
            raise FlowFileError(path, reader.line, "a JSON object", shown(body))
        yield int(head), message


def kind_of(message: dict[str, Any]) -> str:
    """Return the kind of a message: snapshot, depthUpdate, trade, bookTicker, or what it calls itself."""
    if "lastUpdateId" in message:
        return "snapshot"
    if "e" in message:
        return str(message["e"])
    return "bookTicker" if {"u", "b", "B", "a", "A"} <= message.keys() else "other"


class Parser:
    """Turn messages into integers."""

    def __init__(self, path: Path, price_places: int, lot_places: int) -> None:
        self.path = path
        self.price_places = price_places
        self.lot_places = lot_places

    def parse(self, line: int, message: dict[str, Any]) -> Message | None:
        """Return a message in integers, None for a kind that is not played.

        Raises: FlowFileError where a field is missing or is no number.
        """
        kind = kind_of(message)
        try:
            if kind == "depthUpdate":
                levels = self.levels(message["b"], BUY) + self.levels(message["a"], SELL)
                first_id, last_id = int(message["U"]), int(message["u"])
                follows = int(message.get("pu", first_id - 1))
                return Depth(line, int(message["E"]), first_id, last_id, follows, levels)
            if kind == "trade":
                side = SELL if message["m"] else BUY
                price, lots = self.numbers(message["p"], message["q"])
                return Trade(line, int(message.get("T", message["E"])), int(message["t"]), side, price, lots)
            if kind == "bookTicker":
                bid = Level(BUY, *self.numbers(message["b"], message["B"]))
                ask = Level(SELL, *self.numbers(message["a"], message["A"]))
                return Ticker(line, int(message["u"]), bid, ask)
            if kind == "snapshot":
                levels = self.levels(message["bids"], BUY) + self.levels(message["asks"], SELL)
                return Snapshot(line, int(message["lastUpdateId"]), levels)
        except KeyError as error:
            found = ", ".join(sorted(message))
            raise FlowFileError(
                self.path, line, f"a field {error} in a {kind} message", f"the fields {found}"
            ) from None
        except (TypeError, ValueError) as error:
            raise FlowFileError(self.path, line, f"numbers in a {kind} message", shown(str(error))) from None
        return None

    def numbers(self, price: str, lots: str) -> tuple[int, int]:
        """Return a price in ticks and a quantity in lots."""
        return scaled(price, self.price_places), scaled(lots, self.lot_places)

    def levels(self, rows: list[list[str]], side: int) -> list[Level]:
        """Return the levels of one side."""
        return [Level(side, *self.numbers(row[0], row[1])) for row in rows]


def survey_capture(path: Path) -> Survey:
    """Read every line once: decimal places, symbol, first time, number of messages of each kind.

    Raises: FlowFileError for what is no capture, or one without a snapshot.
    """
    survey = Survey()
    reader = LineReader(path)
    for _, message in read_lines(path, reader):
        survey.lines += 1
        kind = kind_of(message)
        survey.kinds[kind] += 1
        survey.symbol = survey.symbol or str(message.get("s", ""))
        if survey.first_ms == 0 and "E" in message:
            survey.first_ms = int(message["E"])
        for price, lots in pairs_of(kind, message):
            survey.price_places = max(survey.price_places, decimal_places(price))
            survey.lot_places = max(survey.lot_places, decimal_places(lots))
    if not survey.kinds["snapshot"]:
        found = ", ".join(f"{count} {kind}" for kind, count in survey.kinds.items()) or "an empty file"
        raise FlowFileError(path, 0, "a depth snapshot (lastUpdateId) to start the book from", found)
    survey.price_places = min(survey.price_places, PLACES_MAX)
    survey.lot_places = min(survey.lot_places, PLACES_MAX)
    return survey


def pairs_of(kind: str, message: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the (price, quantity) texts of a message; the parser reports what is not there."""
    if kind == "trade":
        yield str(message.get("p", "")), str(message.get("q", ""))
    for names in (("bids", "asks"), ("b", "a")) if kind in ("snapshot", "depthUpdate") else ():
        for name in names:
            for row in message.get(name, ()):
                yield str(row[0]), str(row[1])


def split_symbol(symbol: str) -> tuple[str, str]:
    """Return the base and quote asset codes of a symbol."""
    for quote in QUOTES:
        if symbol.endswith(quote) and len(symbol) > len(quote):
            return symbol[: -len(quote)], quote
    return symbol or "BASE", "QUOTE"
