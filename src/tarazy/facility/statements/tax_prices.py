"""Official prices of digital assets for tax: an imported file, never a number of our own.

By the Finance Minister's order of 25 September 2025 the value of a day is published, from 2026 on; on a day that is no
working day the value of the working day before counts (excerpt of the order alone was seen). A file in TOML holds
`source`, how the file was had, and `[[price]]` rows with asset, day, and tenge for one unit as text.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tarazy.facility.accounts.errors import ListFileError
from tarazy.facility.accounts.workdays import WorkCalendar

CURRENCY = "KZT"
TENGE = re.compile(r"[0-9]{1,15}(\.[0-9]{1,10})?")
BYTES_MAX = 8 << 20


class TaxPrice(NamedTuple):
    """The official value of one unit of an asset on a day, tenge."""

    asset: str
    day: date
    tenge: Decimal


class TaxPrices:
    """One imported file: its rows, where they come from, and its SHA-256."""

    def __init__(self, path: Path) -> None:
        """Read a file. Raises: ListFileError."""
        try:
            content = path.read_bytes()[: BYTES_MAX + 1]
            document = tomllib.loads(content.decode("utf-8"))
            self.source = str(document["source"])
            self.rows = [TaxPrice(str(row["asset"]), row["day"], tenge_of(row["tenge"])) for row in document["price"]]
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
            expected = "source, and [[price]] rows with asset, day and tenge as text, in TOML"
            raise ListFileError(path, expected=expected, found=str(error)) from error
        known = [(row.asset, row.day) for row in self.rows]
        twice = sorted({each for each in known if known.count(each) > 1}) if len(known) != len(set(known)) else []
        if twice or not all(type(row.day) is date for row in self.rows):
            found = f"{twice[0][0]} on {twice[0][1]} twice" if twice else "a day that is no date"
            raise ListFileError(path, expected="one price for each asset and day", found=found)
        self.digest = sha256(content).hexdigest()
        self._prices = {(row.asset, row.day): row for row in self.rows}

    def at(self, asset: str, day: date, calendar: WorkCalendar) -> TaxPrice | None:
        """Return the price that counts on a day: its own, or on a free day that of the working day before.

        None where the file has no such row: no other day's price stands in for it.
        """
        while (asset, day) not in self._prices and not calendar.is_working(day):
            day -= timedelta(days=1)
        return self._prices.get((asset, day))


def tenge_of(text: object) -> Decimal:
    """Return an amount of tenge. Raises: ValueError."""
    if not isinstance(text, str) or TENGE.fullmatch(text) is None:
        raise ValueError(f"tenge {text!r:.40}: expected decimal text such as 45000000.5")
    return Decimal(text)
