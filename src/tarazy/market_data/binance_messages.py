"""Messages of a Binance stream capture: each line is the local time in nanoseconds, a space, and one JSON text.

Read are `depthUpdate` (level-2 differences with their update ids U to u), `trade`, `bookTicker` (the best bid and ask
with the update id u at which they became so), and one depth snapshot of the REST interface (`lastUpdateId`). Other
messages are counted and passed over. Prices and quantities are decimal texts, times are milliseconds, ids are whole
numbers of 64 bits; anything else is refused with its line and field.
Source: developers.binance.com, Spot, WebSocket streams (payloads; times are milliseconds by default).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.market_data.commands import BUY, SELL
from tarazy.market_data.errors import FlowFileError, shown
from tarazy.market_data.files import LineReader
from tarazy.market_data.numbers import U64_MAX, NumberError, scaled

TIME_MS_MAX = 9_000_000_000_000
NS_DIGITS_MAX = 19


class DepthLevel(NamedTuple):
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
    levels: list[DepthLevel]


class BinanceTrade(NamedTuple):
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
    bid: DepthLevel
    ask: DepthLevel


class DepthSnapshot(NamedTuple):
    """The book of the REST interface, as after update `last_id`."""

    line: int
    last_id: int
    levels: list[DepthLevel]


Message = Depth | BinanceTrade | Ticker | DepthSnapshot


def read_lines(path: Path, reader: LineReader) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (local time in nanoseconds, message) of every line, without the wrapper of combined streams.

    Raises: FlowFileError with the line of what is no message.
    """
    for text in reader:
        if not text.strip():
            continue
        head, _, body = text.partition(" ")
        if not head.isdecimal() or not head.isascii() or len(head) > NS_DIGITS_MAX:
            expected = "a local time in nanoseconds, a space, a JSON text"
            raise FlowFileError(path, reader.line, expected, shown(text), column="1 (local time)")
        message = read_json(path, reader.line, body)
        if isinstance(message, dict) and isinstance(message.get("data"), dict):
            message = message["data"]
        if not isinstance(message, dict):
            raise FlowFileError(path, reader.line, "a JSON object", shown(body), column="2 (message)")
        yield int(head), message


def read_json(path: Path, line: int, body: str) -> Any:
    """Return a JSON text's value.

    Raises: FlowFileError with the character that is wrong.
    """
    expected = "a JSON text after the time"
    try:
        return json.loads(body, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        found = f"{shown(body[error.pos : error.pos + 40])} ({error.msg})"
        raise FlowFileError(path, line, expected, found, column=f"2 (message), character {error.pos + 1}") from None
    except RecursionError:
        found = "one whose brackets are nested too deep"
        raise FlowFileError(path, line, expected, found, column="2 (message)") from None
    except ValueError as error:
        raise FlowFileError(path, line, expected, f"{shown(body)} ({error})", column="2 (message)") from None


def refuse_constant(name: str) -> Any:
    """Refuse NaN and the infinities, which are no JSON (RFC 8259, section 6)."""
    raise ValueError(f"{name} is no JSON number")


def kind_of(message: dict[str, Any]) -> str:
    """Return the kind of a message: snapshot, depthUpdate, trade, bookTicker, or what it calls itself."""
    if "lastUpdateId" in message:
        return "snapshot"
    if "e" in message:
        return str(message["e"])[:40]
    return "bookTicker" if {"u", "b", "B", "a", "A"} <= message.keys() else "other"


class Parser:
    """Turn messages into integers."""

    def __init__(self, path: Path, price_places: int, lot_places: int) -> None:
        self.path = path
        self.price_places = price_places
        self.lot_places = lot_places

    def parse(self, line: int, message: dict[str, Any]) -> Message | None:
        """Return a message in integers, None for a kind that is not played.

        Raises: FlowFileError where a field is missing or is not what its kind of message has there.
        """
        kind = kind_of(message)
        read: dict[str, Callable[[int, dict[str, Any]], Message]]
        read = {"depthUpdate": self.depth, "trade": self.trade, "bookTicker": self.ticker, "snapshot": self.snapshot}
        if kind not in read:
            return None
        try:
            return read[kind](line, message)
        except KeyError as error:
            found = f"the fields {shown(', '.join(sorted(message)))}"
            raise FlowFileError(self.path, line, f"a field {error} in a {kind} message", found) from None
        except FieldError as error:
            expected = f"{error.expected} in a {kind} message"
            raise FlowFileError(self.path, line, expected, error.found, error.advice, error.name) from None

    def depth(self, line: int, message: dict[str, Any]) -> Depth:
        """Return a difference of the book."""
        time_ms, first_id, last_id = time_of(message, "E"), number_of(message, "U"), number_of(message, "u")
        if last_id < first_id:
            raise FieldError("u", f"a last update id of {first_id} or more", str(last_id))
        follows = number_of(message, "pu") if "pu" in message else first_id - 1
        levels = self.levels(message, "b", BUY) + self.levels(message, "a", SELL)
        return Depth(line, time_ms, first_id, last_id, follows, levels)

    def trade(self, line: int, message: dict[str, Any]) -> BinanceTrade:
        """Return a trade."""
        buyer_is_maker = message["m"]
        if not isinstance(buyer_is_maker, bool):
            raise FieldError("m", "true or false", shown(json.dumps(buyer_is_maker)))
        time_ms = time_of(message, "T" if "T" in message else "E")
        price, lots = self.pair(message, "p", "q", lots_min=1)
        side = SELL if buyer_is_maker else BUY
        return BinanceTrade(line, time_ms, number_of(message, "t"), side, price, lots)

    def ticker(self, line: int, message: dict[str, Any]) -> Ticker:
        """Return the best bid and ask; an empty side has zeros."""
        bid, ask = (
            DepthLevel(side, *self.pair(message, *names, price_min=0)) for side, names in ((BUY, "bB"), (SELL, "aA"))
        )
        return Ticker(line, number_of(message, "u"), bid, ask)

    def snapshot(self, line: int, message: dict[str, Any]) -> DepthSnapshot:
        """Return the book of the REST interface."""
        levels = self.levels(message, "bids", BUY) + self.levels(message, "asks", SELL)
        return DepthSnapshot(line, number_of(message, "lastUpdateId"), levels)

    def pair(
        self, message: dict[str, Any], price_name: str, lots_name: str, *, price_min: int = 1, lots_min: int = 0
    ) -> tuple[int, int]:
        """Return a price in ticks and a quantity in lots."""
        price = decimal_of(price_name, message[price_name], self.price_places, price_min)
        return price, decimal_of(lots_name, message[lots_name], self.lot_places, lots_min)

    def levels(self, message: dict[str, Any], name: str, side: int) -> list[DepthLevel]:
        """Return the levels of one side."""
        rows = message[name]
        if not isinstance(rows, list):
            raise FieldError(name, "a list of levels", shown(json.dumps(rows)))
        levels = []
        for place, row in enumerate(rows):
            where = f"{name}[{place}]"
            if not isinstance(row, list) or len(row) < 2:
                raise FieldError(where, "a level [price, quantity]", shown(json.dumps(row)))
            price = decimal_of(f"{where}[0]", row[0], self.price_places, 1)
            levels.append(DepthLevel(side, price, decimal_of(f"{where}[1]", row[1], self.lot_places, 0)))
        return levels


class FieldError(Exception):
    """A field that is not what its kind of message has there."""

    def __init__(self, name: str, expected: str, found: str, advice: str = "") -> None:
        self.name = name
        self.expected = expected
        self.found = found
        self.advice = advice
        super().__init__(name, expected, found, advice)


def decimal_of(name: str, value: Any, places: int, low: int) -> int:
    """Return a decimal text as an integer of units of 10^-places.

    Raises: FieldError for what is no text, no number, too fine, too large or below the lowest that makes sense.
    """
    if not isinstance(value, str):
        raise FieldError(name, "a decimal number in quotes", shown(json.dumps(value)))
    try:
        number = scaled(value, places)
    except NumberError as error:
        raise FieldError(name, error.expected, error.found) from None
    if number < low:
        raise FieldError(name, "a number above zero" if low else "a number of zero or more", shown(value))
    return number


def number_of(message: dict[str, Any], name: str) -> int:
    """Return an id: a whole number of 64 bits.

    Raises: FieldError; KeyError where it is not there.
    """
    value = message[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise FieldError(name, "a whole number", shown(json.dumps(value)))
    if not 0 <= value <= U64_MAX:
        raise FieldError(name, f"a whole number from 0 to {U64_MAX}", shown(str(value)))
    return value


def time_of(message: dict[str, Any], name: str) -> int:
    """Return a time in milliseconds.

    Raises: FieldError for what is no time, or one in microseconds; KeyError where it is not there.
    """
    value = number_of(message, name)
    if not 1 <= value <= TIME_MS_MAX:
        advice = "capture the streams without timeUnit=MICROSECOND" if value > TIME_MS_MAX else ""
        raise FieldError(name, "milliseconds since 1970 (13 digits)", str(value), advice)
    return value
