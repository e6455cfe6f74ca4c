"""Rows of a LOBSTER message file, and the survey: one pass that learns what a single message cannot tell.

No header; six columns: time (seconds after midnight), type, order id, size, price x 10000, direction (1 buy, -1 sell:
the side of the resting order). Types: 1 new limit order, 2 partial cancel, 3 delete, 4 execution of a visible order, 5
execution of a hidden order, 6 cross trade, 7 trading halt (price -1 halt, 0 quoting resumes, 1 trading resumes).

The file often shows only the best levels, so orders appear that it never created, and others fall silent when their
price leaves the shown range. The survey keeps one entry per order that is open at that point, and one per order without
a creation.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from tarazy.market_data.commands import BUY, SELL
from tarazy.market_data.errors import FlowFileError, shown
from tarazy.market_data.files import LineReader
from tarazy.market_data.numbers import SCALED_MAX, U64_MAX, NumberError, scaled, whole

NEW, REDUCE, DELETE, EXECUTE, HIDDEN, CROSS, HALT = range(1, 8)
SIDES = {"1": BUY, "-1": SELL}
COLUMNS = ("time", "type", "order id", "size", "price", "direction")
TIME_PLACES = 9
DAY_NS = 86_400 * 10**9
ID_ORDER_SHARE = 90


class Message(NamedTuple):
    """One line of the file."""

    line: int
    time_ns: int
    kind: int
    order_id: int
    lots: int
    price_ticks: int
    side: int


@dataclass
class Earlier:
    """An order without a creation in the file: its lots are the sum of what the file takes off it."""

    order_id: int
    side: int
    price_ticks: int
    lots: int
    executed_line: int = 0


@dataclass
class LobsterSurvey:
    """What the first pass over a file learns."""

    messages: int = 0
    kinds: Counter[int] = field(default_factory=Counter)
    first_ns: int = 0
    earlier: list[Earlier] = field(default_factory=list)
    silent_after: dict[int, int] = field(default_factory=dict)
    ids_rise: bool = True


def read_messages(path: Path, reader: LineReader) -> Iterator[Message]:
    """Yield the messages of a file.

    Raises: FlowFileError with the line of what is no message.
    """
    for text in reader:
        values = text.split(",")
        if len(values) < len(COLUMNS):
            if not text.strip():
                continue
            raise FlowFileError(
                path, reader.line, f"six values ({', '.join(COLUMNS)})", f"{len(values)}: {shown(text)}"
            )
        if reader.line == 1 and values[0].strip().lower().startswith("time"):
            continue
        yield parse(path, reader.line, values)


def parse(path: Path, line: int, values: list[str]) -> Message:
    """Return a message in integers; the six columns count, further ones are ignored.

    Raises: FlowFileError naming the column that does not fit.
    """
    texts = [value.strip() for value in values[: len(COLUMNS)]]
    side = SIDES.get(texts[5], 0)
    try:
        time_ns, kind = scaled(texts[0], TIME_PLACES), whole(texts[1], NEW, HALT)
        low, high = (1, SCALED_MAX) if kind <= EXECUTE else (-SCALED_MAX, SCALED_MAX)
        order_id = whole(texts[2], low, U64_MAX)
        lots, price = whole(texts[3], low, high), whole(texts[4], low, high)
    except NumberError:
        side = 0
    if side == 0 or not 0 <= time_ns < DAY_NS:
        raise bad_value(path, line, texts)
    return Message(line, time_ns, kind, order_id, lots, price, side)


def bad_value(path: Path, line: int, texts: list[str]) -> FlowFileError:
    """Return the error that names the first value that does not fit its column."""
    for place, (is_good, expected) in enumerate(CHECKS):
        try:
            fits = is_good(texts[place])
        except NumberError:
            fits = False
        if not fits:
            return FlowFileError(path, line, expected, shown(texts[place]), column=f"{place + 1} ({COLUMNS[place]})")
    return FlowFileError(path, line, f"a message ({', '.join(COLUMNS)})", shown(",".join(texts)))


CHECKS: tuple[tuple[Callable[[str], bool], str], ...] = (
    (lambda text: 0 <= scaled(text, TIME_PLACES) < DAY_NS, "seconds after midnight, below 86400, at most 9 places"),
    (lambda text: whole(text, NEW, HALT) > 0, "a type from 1 to 7"),
    (lambda text: whole(text, 1, U64_MAX) > 0, f"an order id above zero, at most {U64_MAX}"),
    (lambda text: whole(text, 1, SCALED_MAX) > 0, f"a size above zero, at most {SCALED_MAX}"),
    (lambda text: whole(text, 1, SCALED_MAX) > 0, f"a price above zero, in units of 0.0001, at most {SCALED_MAX}"),
    (lambda text: text in SIDES, "a direction 1 (buy) or -1 (sell)"),
)


class LobsterSurveyor:
    """Read every message once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.survey = LobsterSurvey()
        self.open: dict[int, list[int]] = {}
        self.earlier: dict[int, Earlier] = {}
        self.newest_id = 0
        self.rising = 0

    def run(self) -> LobsterSurvey:
        """Return what the file holds.

        Raises: FlowFileError for what is no file of this format, or an empty one.
        """
        survey = self.survey
        for message in read_messages(self.path, LineReader(self.path)):
            if survey.messages == 0:
                survey.first_ns = message.time_ns
            survey.messages += 1
            survey.kinds[message.kind] += 1
            if message.kind == NEW:
                self.open[message.order_id] = [message.lots, message.line]
                self.rising += message.order_id > self.newest_id
                self.newest_id = max(self.newest_id, message.order_id)
            elif message.kind <= EXECUTE:
                self.take_off(message)
        if survey.messages == 0:
            raise FlowFileError(self.path, 1, "at least one message", "an empty file")
        survey.ids_rise = 100 * self.rising >= ID_ORDER_SHARE * survey.kinds[NEW]
        survey.silent_after = {order_id: line for order_id, (_, line) in self.open.items()}
        survey.earlier = list(self.earlier.values())
        return survey

    def take_off(self, message: Message) -> None:
        """Take a message's size off its order; of an order without a creation the sizes add up to what it had."""
        known = self.open.get(message.order_id)
        if known is None:
            earlier = self.earlier.get(message.order_id)
            if earlier is None:
                earlier = Earlier(message.order_id, message.side, message.price_ticks, 0)
                self.earlier[message.order_id] = earlier
            earlier.lots = min(SCALED_MAX, earlier.lots + message.lots)
            if message.kind == EXECUTE and not earlier.executed_line:
                earlier.executed_line = message.line
            return
        known[0] -= message.lots
        known[1] = message.line
        if message.kind == DELETE or known[0] <= 0:
            del self.open[message.order_id]


def midnight_ns(path: Path) -> int:
    """Return midnight of the day that the file's name gives (TICKER_2012-06-21_...), or of 2000-01-01 without one.

    The file's seconds count from the exchange's local midnight; they are kept as they are, as if it were UTC.
    """
    found = re.search(r"(\d{4})-(\d{2})-(\d{2})", path.name)
    year, month, day = (int(part) for part in found.groups()) if found else (2000, 1, 1)
    try:
        date = datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        date = datetime(2000, 1, 1, tzinfo=UTC)
    return (date - datetime(1970, 1, 1, tzinfo=UTC)).days * 86_400 * 1_000_000_000


def ticker(path: Path) -> str:
    """Return the ticker that the file's name begins with (TICKER_2012-06-21_...), or SHARE without one."""
    found = re.match(r"(.+?)_\d{4}-\d{2}-\d{2}", path.name) or re.match(r"([A-Z][A-Z0-9]{0,15})_", path.name)
    return found.group(1) if found else "SHARE"
