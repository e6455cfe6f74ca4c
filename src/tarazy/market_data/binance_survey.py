"""The first pass over a Binance capture: its symbols, and of the one that is played the scales, the start, the kinds.

A capture may hold several symbols; one of them is played, and nothing of the others. A depth snapshot of the REST
interface names no symbol: it belongs to the symbol whose differences go on from it, as the exchange says to join them
(the first difference to apply has U <= lastUpdateId + 1 <= u).
Source: developers.binance.com, Spot, WebSocket streams, how to manage a local order book correctly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import gcd
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.market_data.binance_messages import Depth, DepthSnapshot, Message, Parser, Ticker, kind_of, read_lines
from tarazy.market_data.errors import FlowFileError, shown
from tarazy.market_data.files import LineReader
from tarazy.market_data.numbers import PLACES_MAX, U64_MAX

SYMBOLS_MAX = 1000
SNAPSHOTS_MAX = 1000
SYMBOL_LENGTH_MAX = 64
UNNAMED = "(no symbol)"


@dataclass
class BinanceSurvey:
    """What the first pass over a capture learns of the symbol that is played; `snapshot_line` is where its book is."""

    symbol: str = ""
    lines: int = 0
    price_places: int = 0
    lot_places: int = 0
    first_ms: int = 0
    snapshot_line: int = 0
    kinds: Counter[str] = field(default_factory=Counter)


class SurveyedBook(NamedTuple):
    """A snapshot of the book: where it is, whose it says it is (or empty), its id, and its numbers' common divisors."""

    line: int
    symbol: str
    last_id: int
    price_divisor: int
    lot_divisor: int


@dataclass
class Seen:
    """What the first pass saw of one symbol. Divisors are of the numbers in units of 10^-8; 0 = no number yet."""

    kinds: Counter[str] = field(default_factory=Counter)
    price_divisor: int = 0
    lot_divisor: int = 0
    first_ms: int = 0
    first_id: int = U64_MAX
    last_id: int = 0

    def joins(self, last_id: int) -> bool:
        """Return whether the differences go on from a snapshot with this id."""
        return self.first_id <= last_id + 1 <= self.last_id + 1


def symbol_of(path: Path, line: int, message: dict[str, Any]) -> str:
    """Return the symbol of a message in upper case, empty where it names none.

    Raises: FlowFileError where it is no text.
    """
    name = message.get("s", "")
    if not isinstance(name, str) or len(name) > SYMBOL_LENGTH_MAX or not name.isprintable():
        raise FlowFileError(path, line, "a symbol in quotes", shown(str(name)), column="s")
    return name.upper()


class BinanceSurveyor:
    """Read every line once; the numbers of every message that could be played are checked, whichever symbol it is."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seen: dict[str, Seen] = {}
        self.books: list[SurveyedBook] = []
        self.others: Counter[str] = Counter()
        self.parser = Parser(path, PLACES_MAX, PLACES_MAX)
        self.lines = 0

    def run(self, wanted: str = "") -> BinanceSurvey:
        """Return what there is to play of the wanted symbol, or of the only one.

        Raises: FlowFileError for what is no capture, for several symbols and none wanted, or without a snapshot.
        """
        reader = LineReader(self.path)
        for _, message in read_lines(self.path, reader):
            self.lines += 1
            parsed = self.parser.parse(reader.line, message)
            if parsed is None:
                self.others[kind_of(message)[:40] if len(self.others) < SYMBOLS_MAX else "other"] += 1
            else:
                self.take(reader.line, symbol_of(self.path, reader.line, message), kind_of(message), parsed)
        symbol = self.choose(wanted.upper())
        seen = self.seen.get(symbol, Seen())
        book = self.book_of(symbol, seen)
        price_places = places_of(gcd(seen.price_divisor, book.price_divisor))
        lot_places = places_of(gcd(seen.lot_divisor, book.lot_divisor))
        kinds = seen.kinds + Counter(snapshot=1) + self.others
        return BinanceSurvey(symbol, self.lines, price_places, lot_places, seen.first_ms, book.line, kinds)

    def take(self, line: int, symbol: str, kind: str, parsed: Message) -> None:
        """Take in a message that can be played."""
        if isinstance(parsed, DepthSnapshot):
            self.take_snapshot(line, symbol, parsed)
            return
        if symbol not in self.seen and len(self.seen) == SYMBOLS_MAX:
            raise FlowFileError(
                self.path, line, f"at most {SYMBOLS_MAX} symbols", f"one more, {shown(symbol)}", column="s"
            )
        seen = self.seen.setdefault(symbol, Seen())
        seen.kinds[kind] += 1
        if isinstance(parsed, Ticker):
            levels: Iterable[tuple[int, int]] = (parsed.bid[1:], parsed.ask[1:])
        else:
            seen.first_ms = seen.first_ms or parsed.time_ms
            levels = ((parsed.price_ticks, parsed.lots),) if not isinstance(parsed, Depth) else ()
        if isinstance(parsed, Depth):
            seen.first_id, seen.last_id = min(seen.first_id, parsed.first_id), max(seen.last_id, parsed.last_id)
            levels = (level[1:] for level in parsed.levels)
        for price_ticks, lots in levels:
            seen.price_divisor, seen.lot_divisor = gcd(seen.price_divisor, price_ticks), gcd(seen.lot_divisor, lots)

    def take_snapshot(self, line: int, symbol: str, snapshot: DepthSnapshot) -> None:
        """Take in a snapshot of the book."""
        if len(self.books) == SNAPSHOTS_MAX:
            raise FlowFileError(self.path, line, f"at most {SNAPSHOTS_MAX} depth snapshots", "one more")
        price_divisor = gcd(*(level.price_ticks for level in snapshot.levels))
        lot_divisor = gcd(*(level.lots for level in snapshot.levels))
        self.books.append(SurveyedBook(line, symbol, snapshot.last_id, price_divisor, lot_divisor))

    def choose(self, wanted: str) -> str:
        """Return the symbol to play.

        Raises: FlowFileError where the wanted one is not there, or several are and none is wanted.
        """
        counts = {symbol: sum(seen.kinds.values()) for symbol, seen in self.seen.items()}
        there = ", ".join(f"{symbol or UNNAMED} ({count:,} messages)" for symbol, count in list(counts.items())[:20])
        if wanted and wanted not in counts:
            raise FlowFileError(self.path, 0, f"messages of the symbol {shown(wanted)}", there or "none of any symbol")
        if not wanted and len(counts) > 1:
            raise FlowFileError(self.path, 0, "one symbol", f"{len(counts)}: {there}", "choose one with --symbol")
        return wanted or next(iter(counts), "")

    def book_of(self, symbol: str, seen: Seen) -> SurveyedBook:
        """Return the snapshot to start the symbol's book from.

        Raises: FlowFileError where there is none, or it could be another symbol's.
        """
        named = [book for book in self.books if book.symbol == symbol and symbol]
        unnamed = [book for book in self.books if not book.symbol]
        if len(self.seen) > 1:
            unnamed = [book for book in unnamed if seen.joins(book.last_id)]
        if not named and not unnamed:
            counts = sum((each.kinds for each in self.seen.values()), self.others)
            found = ", ".join(f"{count} {shown(kind)[1:-1]}" for kind, count in list(counts.items())[:20])
            raise FlowFileError(
                self.path, 0, "a depth snapshot (lastUpdateId) to start the book from", found or "an empty file"
            )
        if named:
            return named[0]
        others = [name for name, other in self.seen.items() if name != symbol and other.joins(unnamed[0].last_id)]
        if len(self.seen) > 1 and others:
            found = f"one that could be of {others[0] or UNNAMED} as well"
            raise FlowFileError(self.path, unnamed[0].line, f"a depth snapshot of {symbol}", found)
        return unnamed[0]


def places_of(divisor: int) -> int:
    """Return the decimal places of numbers whose units of 10^-8 have this common divisor."""
    places = PLACES_MAX
    while places and divisor % 10 == 0:
        divisor //= 10
        places -= 1
    return places
