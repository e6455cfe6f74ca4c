"""Rows of a Bitstamp level-3 order file, and the survey: one pass that learns what a single row cannot tell.

Columns: id, timestamp, exchange_timestamp (milliseconds), price, volume, action (created, changed, deleted), direction
(bid, ask). The header may write `exchange.timestamp`; further columns are ignored. Quotes are as in RFC 4180.
Times in whole seconds (ten digits, or milliseconds that are all multiples of a thousand) are *coarse*.

The survey keeps one entry per order that is open at that point of the file, never more.
"""

from __future__ import annotations

import csv
import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from tarazy.market_data.commands import BUY, SELL
from tarazy.market_data.errors import FlowFileError, shown
from tarazy.market_data.files import LineReader
from tarazy.market_data.numbers import U64_MAX, NumberError, decimal_number, scaled, whole, whole_number

CREATED, CHANGED, DELETED = "created", "changed", "deleted"
ACTIONS = (CREATED, CHANGED, DELETED)
SIDES = {"bid": BUY, "ask": SELL}
COLUMNS = ("id", "timestamp", "exchange_timestamp", "price", "volume", "action", "direction")
MARKET_BUY_PRICE = 999_999_999
TIME_MS_MAX = 9_000_000_000_000
SECONDS = range(10**9, 10**11)
DISORDER_MS_MAX = 600_000


class BitstampRow(NamedTuple):
    """One event of an order. price_ticks 0 = no price; volume is what is left of the order after the event."""

    line: int
    order_id: int
    time_ms: int
    price_ticks: int
    volume_lots: int
    action: str
    side: int


class Unseen(NamedTuple):
    """An order whose creation is not in the file: it was resting when its first row came."""

    order_id: int
    side: int
    price_ticks: int
    volume_lots: int


@dataclass
class BitstampSurvey:
    """What the first pass over a file learns."""

    rows: int = 0
    price_places: int = 0
    volume_places: int = 0
    first_ms: int = 0
    last_ms: int = 0
    snapshot_rows: int = 0
    disorder_ms: int = 0
    unseen: list[Unseen] = field(default_factory=list)
    silent_after: dict[int, int] = field(default_factory=dict)
    closing_line: int = 0
    ms_per_unit: int = 1
    is_coarse: bool = False

    def in_words(self) -> list[str]:
        """Return what is to be said about the file's clock."""
        if not self.is_coarse:
            return []
        unit = "seconds" if self.ms_per_unit > 1 else "whole seconds, written as milliseconds"
        return [
            f"exchange_timestamp is in {unit}: what happened within a second is played in the order of the file's rows,"
            " one incoming order at a time"
        ]


def split_rows(path: Path, reader: LineReader, columns: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, values in the order of `columns`) of a CSV file with a header.

    Raises: FlowFileError for a header without the columns, or a row with too few or too many values.
    """
    lines = iter(reader)
    header = [name.strip().replace(".", "_").lower() for name in split_line(path, 1, next(lines, ""))]
    missing = [name for name in columns if name not in header]
    if missing:
        expected = f"a header with the columns {', '.join(columns)}"
        raise FlowFileError(path, 1, expected, shown(",".join(header)), f"missing: {', '.join(missing)}")
    twice = [name for name in columns if header.count(name) > 1]
    if twice:
        raise FlowFileError(path, 1, "each column once", f"{header.count(twice[0])} of this name", column=twice[0])
    places = [header.index(name) for name in columns]
    is_plain = places == list(range(len(header)))
    width = len(header)
    for text in lines:
        values = split_line(path, reader.line, text)
        if len(values) != width:
            if not text.strip():
                continue
            raise FlowFileError(path, reader.line, f"{width} values", f"{len(values)}: {shown(text)}")
        yield reader.line, values if is_plain else [values[i] for i in places]


def split_line(path: Path, line: int, text: str) -> list[str]:
    """Return the values of a line.

    Raises: FlowFileError for quotes that do not close, or stand inside a value.
    """
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error as error:
        raise FlowFileError(path, line, "quotes around whole values", f"{shown(text)} ({error})") from None


def texts(path: Path, reader: LineReader) -> Iterator[tuple[int, list[str]]]:
    """Yield the checked texts of every row of an order file."""
    for line, values in split_rows(path, reader, COLUMNS):
        if values[5] not in ACTIONS:
            raise FlowFileError(path, line, "created, changed or deleted", shown(values[5]), column=COLUMNS[5])
        if values[6] not in SIDES:
            raise FlowFileError(path, line, "bid or ask", shown(values[6]), column=COLUMNS[6])
        yield line, values


def unit_of(path: Path, line: int, text: str) -> int:
    """Return the milliseconds of a file's unit of time, told by its first time: 1, or 1000 for seconds.

    Raises: FlowFileError for microseconds and finer.
    """
    if len(text) > 13 and text.isdecimal():
        expected = "milliseconds since 1970 (13 digits)"
        found = f"{shown(text)}, {len(text)} digits: microseconds or finer"
        raise FlowFileError(path, line, expected, found, "divide the times", COLUMNS[2])
    return 1000 if whole_number(path, line, COLUMNS[2], text) in SECONDS else 1


def time_ms_of(path: Path, line: int, text: str, ms_per_unit: int) -> int:
    """Return a row's time in milliseconds.

    Raises: FlowFileError for what is no time, or is in another unit than the file's first one.
    """
    if len(text) > 13 or (ms_per_unit > 1 and len(text) > 11):
        unit = "seconds" if ms_per_unit > 1 else "milliseconds"
        expected, advice = f"a time in {unit}, as the first one", "divide the times"
        raise FlowFileError(path, line, expected, shown(text), advice, COLUMNS[2])
    return ms_per_unit * whole_number(path, line, COLUMNS[2], text, 1, TIME_MS_MAX // ms_per_unit)


def parse(path: Path, line: int, values: list[str], survey: BitstampSurvey) -> BitstampRow:
    """Return a row in integers. Market orders (a sell at 0, a buy at 999,999,999 or more) have price 0.

    Raises: FlowFileError naming the first column that is not as it should be.
    """
    order_id, _, time_text, price_text, volume_text, action, direction = values
    side, price_places = SIDES[direction], survey.price_places
    try:
        price, volume = scaled(price_text, price_places), scaled(volume_text, survey.volume_places)
        number, time_ms = whole(order_id, 1, U64_MAX), whole(time_text, 1, TIME_MS_MAX) * survey.ms_per_unit
    except NumberError:
        price = -1
    if price < 0 or volume < 0:
        raise bad_number(path, line, values, survey)
    if price >= MARKET_BUY_PRICE and side == BUY and price >= MARKET_BUY_PRICE * 10**price_places:
        price = 0
    return BitstampRow(line, number, time_ms, price, volume, action, side)


def bad_number(path: Path, line: int, values: list[str], survey: BitstampSurvey) -> FlowFileError:
    """Return the error that names the first column that is no number."""
    try:
        whole_number(path, line, COLUMNS[0], values[0])
        time_ms_of(path, line, values[2], survey.ms_per_unit)
        decimal_number(path, line, COLUMNS[3], values[3], survey.price_places)
        decimal_number(path, line, COLUMNS[4], values[4], survey.volume_places)
    except FlowFileError as error:
        return error
    return FlowFileError(path, line, "numbers", shown(",".join(values)))


def is_void(values: list[str]) -> bool:
    """Return whether a row is a resting bid printed at price zero: it can never trade and is no market order."""
    return values[6] == "bid" and values[3].strip("0.") == ""


def blocks(path: Path, reader: LineReader, survey: BitstampSurvey) -> Iterator[list[BitstampRow]]:
    """Yield the rows of each exchange millisecond, in the order of time; rows at one time keep the file's order.

    Where the clock shows whole seconds, yield the pieces of each.
    """

    def rows() -> Iterator[BitstampRow]:
        for line, values in texts(path, reader):
            if not is_void(values):
                yield parse(path, line, values, survey)

    ordered = in_time_order(rows(), survey.disorder_ms) if survey.disorder_ms else rows()
    for number, (_, block) in enumerate(groupby(ordered, key=lambda row: row.time_ms)):
        if survey.is_coarse:
            yield from cut(list(block), 0 if number else survey.snapshot_rows)
        else:
            yield list(block)


def cut(rows: list[BitstampRow], snapshot_rows: int) -> Iterator[list[BitstampRow]]:
    """Yield the rows of a whole second in pieces: the snapshot, then each order that comes in with what follows it.

    The delete of an order that came and went whole within the second goes to its creation: nothing traded with it, and
    where it would have crossed, it was a post-only order that the exchange refused.
    """
    pieces = [rows[:snapshot_rows]] if snapshot_rows else []
    whole_ones = came_and_went(rows[snapshot_rows:])
    for place, row in enumerate(rows[snapshot_rows:]):
        if row.order_id in whole_ones and row.action == DELETED:
            continue
        if place == 0 or row.action == CREATED or not pieces[-1]:
            pieces.append([])
        pieces[-1].append(row)
        if row.order_id in whole_ones:
            pieces[-1].append(whole_ones[row.order_id])
            pieces.append([])
    yield from (piece for piece in pieces if piece)


def came_and_went(rows: list[BitstampRow]) -> dict[int, BitstampRow]:
    """Return the deletes of the orders that these rows create and delete, and do nothing else with."""
    own: dict[int, list[BitstampRow]] = {}
    for row in rows:
        own.setdefault(row.order_id, []).append(row)
    return {
        order_id: found[1]
        for order_id, found in own.items()
        if [row.action for row in found] == [CREATED, DELETED] and found[0].volume_lots == found[1].volume_lots > 0
    }


def in_time_order(rows: Iterator[BitstampRow], disorder_ms: int) -> Iterator[BitstampRow]:
    """Yield rows in the order of time, holding back as many as the file's disorder asks for."""
    heap: list[tuple[int, int, BitstampRow]] = []
    latest = 0
    for row in rows:
        latest = max(latest, row.time_ms)
        heapq.heappush(heap, (row.time_ms, row.line, row))
        while heap[0][0] < latest - disorder_ms:
            yield heapq.heappop(heap)[2]
    while heap:
        yield heapq.heappop(heap)[2]
