"""Rows of a Bitstamp level-3 order file, and the survey: one pass that learns what a single row cannot tell.

Columns: id, timestamp, exchange_timestamp (milliseconds), price, volume, action (created, changed, deleted), direction
(bid, ask). The header may write `exchange.timestamp`; further columns are ignored.

The survey keeps one entry per order that is open at that point of the file, never more.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from tarazy.facility.flow.commands import BUY, SELL
from tarazy.facility.flow.errors import FlowFileError, shown
from tarazy.facility.flow.files import PLACES_MAX, LineReader, decimal_number, scaled, whole_number

CREATED, CHANGED, DELETED = "created", "changed", "deleted"
ACTIONS = (CREATED, CHANGED, DELETED)
SIDES = {"bid": BUY, "ask": SELL}
COLUMNS = ("id", "timestamp", "exchange_timestamp", "price", "volume", "action", "direction")
MARKET_BUY_PRICE = 999_999_999


class Row(NamedTuple):
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
class Survey:
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


def split_rows(path: Path, reader: LineReader, columns: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, values in the order of `columns`) of a CSV file with a header.

    Raises: FlowFileError for a header without the columns, or a row with too few values.
    """
    lines = iter(reader)
    header = [name.strip().replace(".", "_").lower() for name in split_line(next(lines, ""))]
    missing = [name for name in columns if name not in header]
    if missing:
        expected = f"a header with the columns {', '.join(columns)}"
        raise FlowFileError(path, 1, expected, shown(",".join(header)), f"missing: {', '.join(missing)}")
    places = [header.index(name) for name in columns]
    is_plain = places == list(range(len(header)))
    width = len(header)
    for text in lines:
        values = split_line(text)
        if len(values) != width:
            if not text.strip():
                continue
            raise FlowFileError(path, reader.line, f"{width} values", f"{len(values)}: {shown(text)}")
        yield reader.line, values if is_plain else [values[i] for i in places]


def split_line(text: str) -> list[str]:
    """Return the values of a line; quotes around a value are dropped (no column holds a comma)."""
    if '"' in text:
        return [value.strip().strip('"') for value in text.split(",")]
    return text.split(",")


def texts(path: Path, reader: LineReader) -> Iterator[tuple[int, list[str]]]:
    """Yield the checked texts of every row of an order file."""
    for line, values in split_rows(path, reader, COLUMNS):
        if not values[0].isdecimal():
            raise FlowFileError(path, line, "a whole number in column id", shown(values[0]))
        if values[5] not in ACTIONS:
            raise FlowFileError(path, line, "an action created, changed or deleted", shown(values[5]))
        if values[6] not in SIDES:
            raise FlowFileError(path, line, "a direction bid or ask", shown(values[6]))
        yield line, values


def parse(path: Path, line: int, values: list[str], price_places: int, volume_places: int) -> Row:
    """Return a row in integers. Market orders (a sell at 0, a buy at 999,999,999 or more) have price 0."""
    order_id, _, time_text, price_text, volume_text, action, direction = values
    side = SIDES[direction]
    try:
        price, volume = scaled(price_text, price_places), scaled(volume_text, volume_places)
        number, time_ms = int(order_id), int(time_text)
    except ValueError:
        raise bad_number(path, line, values) from None
    if price < 0 or volume < 0 or number <= 0 or time_ms <= 0:
        raise FlowFileError(path, line, "positive numbers", shown(",".join(values)))
    if price >= MARKET_BUY_PRICE and side == BUY and price >= MARKET_BUY_PRICE * 10**price_places:
        price = 0
    return Row(line, number, time_ms, price, volume, action, side)


def bad_number(path: Path, line: int, values: list[str]) -> FlowFileError:
    """Return the error that names the first column that is no number."""
    try:
        for place in (0, 2):
            whole_number(path, line, COLUMNS[place], values[place])
        for place in (3, 4):
            decimal_number(path, line, COLUMNS[place], values[place], PLACES_MAX)
    except FlowFileError as error:
        return error
    return FlowFileError(path, line, "numbers", shown(",".join(values)))


def is_void(values: list[str]) -> bool:
    """Return whether a row is a resting bid printed at price zero: it can never trade and is no market order."""
    return values[6] == "bid" and values[3].strip("0.") == ""


def blocks(path: Path, reader: LineReader, survey: Survey) -> Iterator[list[Row]]:
    """Yield the rows of each exchange millisecond, in the order of time; rows at one time keep the file's order."""

    def rows() -> Iterator[Row]:
        for line, values in texts(path, reader):
            if not is_void(values):
                yield parse(path, line, values, survey.price_places, survey.volume_places)

    ordered = in_time_order(rows(), survey.disorder_ms) if survey.disorder_ms else rows()
    for _, block in groupby(ordered, key=lambda row: row.time_ms):
        yield list(block)


def in_time_order(rows: Iterator[Row], disorder_ms: int) -> Iterator[Row]:
    """Yield rows in the order of time, holding back as many as the file's disorder asks for."""
    heap: list[tuple[int, int, Row]] = []
    latest = 0
    for row in rows:
        latest = max(latest, row.time_ms)
        heapq.heappush(heap, (row.time_ms, row.line, row))
        while heap[0][0] < latest - disorder_ms:
            yield heapq.heappop(heap)[2]
    while heap:
        yield heapq.heappop(heap)[2]
