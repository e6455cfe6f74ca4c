"""The first pass over a Bitstamp order file: scales, the snapshot, orders without a creation, orders that fall silent.

Memory: one entry per order open at that point of the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tarazy.market_data.bitstamp_rows import (
    COLUMNS,
    CREATED,
    DELETED,
    DISORDER_MS_MAX,
    BitstampSurvey,
    Unseen,
    is_void,
    parse,
    texts,
    time_ms_of,
    unit_of,
)
from tarazy.market_data.errors import FlowFileError, shown
from tarazy.market_data.files import LineReader
from tarazy.market_data.numbers import PLACES_MAX, NumberError, decimal_number, decimal_places, scaled, whole_number


class Mention(NamedTuple):
    """The last row so far of an open order."""

    line: int
    volume: str


class BitstampSurveyor:
    """Read every row once. Numbers stay texts until one of them is needed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.survey = BitstampSurvey()
        self.open: dict[str, Mention] = {}
        self.in_snapshot = True
        self.before: tuple[list[str], str] | None = None
        self.unseen: dict[str, tuple[int, list[str], str, str]] = {}
        self.latest_ms = 0
        self.latest = ""
        self.closing: dict[str, int] = {}
        self.closing_line = 0
        self.is_fine = False

    def run(self) -> BitstampSurvey:
        """Return what the file holds.

        Raises: FlowFileError for what is no file of this format, or an empty one.
        """
        survey = self.survey
        for line, values in texts(self.path, LineReader(self.path)):
            if survey.rows == 0:
                survey.ms_per_unit = unit_of(self.path, line, values[2])
            self.check_numbers(line, values)
            survey.rows += 1
            if not is_void(values):
                self.take(line, values)
        if survey.rows == 0:
            raise FlowFileError(self.path, 2, "at least one order event", "the end of the file")
        self.finish()
        return survey

    def check_numbers(self, line: int, values: list[str]) -> None:
        """Check a row's numbers, so that nothing is begun with a file that ends badly; learn the scales.

        Raises: FlowFileError for more decimal places than a market has, and for what is no number of the column.
        """
        survey, price, volume = self.survey, values[3], values[4]
        try:
            is_good = scaled(price, PLACES_MAX) >= 0 and scaled(volume, PLACES_MAX) >= 0
        except NumberError:
            is_good = False
        number = values[0]
        if not (is_good and number.isdecimal() and number.isascii() and len(number) < 20 and number.strip("0")):
            whole_number(self.path, line, COLUMNS[0], values[0])
            decimal_number(self.path, line, COLUMNS[3], price, PLACES_MAX)
            decimal_number(self.path, line, COLUMNS[4], volume, PLACES_MAX)
        if price[-2:] != ".0":
            survey.price_places = max(survey.price_places, decimal_places(price))
        if survey.volume_places < PLACES_MAX:
            survey.volume_places = max(survey.volume_places, decimal_places(volume))

    def take(self, line: int, values: list[str]) -> None:
        """Take in one row."""
        if values[2] != self.latest:
            self.take_time(line, values[2])
        if self.in_snapshot:
            self.in_snapshot = values[5] == CREATED and self.latest_ms == self.survey.first_ms
            self.survey.snapshot_rows += self.in_snapshot
        if values[5] != DELETED:
            self.closing_line = 0
        elif not self.closing_line and not self.is_fine:
            self.closing_line = line
        self.mention(line, values)

    def take_time(self, line: int, text: str) -> None:
        """Take in the time of a row that is not the time of the row before."""
        survey = self.survey
        time_ms = time_ms_of(self.path, line, text, survey.ms_per_unit)
        self.latest = text
        self.is_fine = self.is_fine or time_ms % 1000 != 0
        if survey.first_ms == 0:
            survey.first_ms = time_ms
        if time_ms < self.latest_ms - DISORDER_MS_MAX:
            expected = f"a time at most {DISORDER_MS_MAX // 1000} seconds before the latest"
            raise FlowFileError(self.path, line, expected, shown(text), "sort the file by time", COLUMNS[2])
        if time_ms < self.latest_ms:
            survey.disorder_ms = max(survey.disorder_ms, self.latest_ms - time_ms)
            survey.first_ms = min(survey.first_ms, time_ms)
            self.in_snapshot = False
        elif time_ms > self.latest_ms:
            self.latest_ms = time_ms
            self.closing.clear()
            self.closing_line = line

    def mention(self, line: int, values: list[str]) -> None:
        """Remember an order's last row; an order that was never created is unseen.

        `closing` holds what this millisecond deleted: other rows of the same order may still stand behind its delete.
        """
        order_id, volume, action = values[0], values[4], values[5]
        known = self.open.get(order_id)
        if action == CREATED:
            self.unseen.pop(order_id, None)
        elif known is None and order_id not in self.closing:
            self.unseen[order_id] = (line, values, *self.partner_volumes(values))
        if action == DELETED:
            self.open.pop(order_id, None)
            self.closing[order_id] = known.line if known else 0
        elif order_id not in self.closing:
            self.open[order_id] = Mention(line, volume)
        self.before = (values, known.volume if known and action != CREATED else volume)

    def partner_volumes(self, values: list[str]) -> tuple[str, str]:
        """Return the volumes before and after of the row before, where it may be the other side of a fill."""
        if self.before is None:
            return "0", "0"
        other, before = self.before
        is_partner = other[2] == values[2] and other[6] != values[6]
        return (before, other[4]) if is_partner else ("0", "0")

    def finish(self) -> None:
        """Settle the scales, and which orders have no further row but the sweep that closes the recording.

        The sweep is a last block of deletes, and nothing but deletes, that closes more orders than it leaves open.
        """
        survey = self.survey
        survey.last_ms = self.latest_ms
        survey.is_coarse = not self.is_fine
        silent = {order_id: mention.line for order_id, mention in self.open.items()}
        if self.closing_line and len(self.closing) > max(1, len(self.open)):
            survey.closing_line = self.closing_line
            silent.update(self.closing)
        survey.silent_after = {int(order_id): line for order_id, line in silent.items()}
        for line, values, before, after in self.unseen.values():
            row = parse(self.path, line, values, survey)
            loss = scaled(before, survey.volume_places) - scaled(after, survey.volume_places)
            lots = row.volume_lots + max(0, loss)
            if row.price_ticks and lots:
                survey.unseen.append(Unseen(row.order_id, row.side, row.price_ticks, lots))
        survey.unseen.sort()
