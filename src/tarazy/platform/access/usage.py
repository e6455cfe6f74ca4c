"""How much each caller used of each product, by day: counted in memory, added to one SQLite table in short intervals.

A product is what the room calls it (`product_of`); a day is UTC's. Callers without a key count together, since their
addresses are nobody's account. Refused requests are counted apart and are no use.
Known limit: a kill loses the counts of the last interval.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tarazy.platform.access.keys import has_key
from tarazy.platform.errors import ExplainedError
from tarazy.platform.storage.sql import open_database, open_to_read, transaction

FILE = "usage.sqlite"
FLUSH_S = 1.0
WITHOUT_KEY = "without a key"
MIGRATIONS = (
    """
CREATE TABLE usage (
    day TEXT NOT NULL, caller TEXT NOT NULL, product TEXT NOT NULL, requests INTEGER NOT NULL, refused INTEGER NOT NULL,
    PRIMARY KEY (day, caller, product)
) STRICT, WITHOUT ROWID;
""",
)
ADD = """INSERT INTO usage VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
SET requests = requests + excluded.requests, refused = refused + excluded.refused"""


class UsageFileError(ExplainedError):
    """A file holds no table of use."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one caller used of one product on one day: requests that were answered, and those that were refused."""

    day: str
    caller: str
    product: str
    requests: int
    refused: int


class UsageMeter:
    """Counts on the event loop's thread; `flush` and `read` may run in others."""

    def __init__(self, folder: Path, product_of: Callable[[str], str], clock: Callable[[], float] = time.time) -> None:
        self._product_of = product_of
        self._clock = clock
        self._counts: Counter[tuple[str, str, str, bool]] = Counter()
        self._lock = threading.Lock()
        self._connection = open_database(folder / FILE, MIGRATIONS, synchronous="NORMAL")

    def count(self, caller: str, path: str, refused: bool) -> None:
        """Count one request; paths of no product are not metered."""
        product = self._product_of(path)
        if product:
            day = datetime.fromtimestamp(self._clock(), UTC).date().isoformat()
            self._counts[day, caller if has_key(caller) else WITHOUT_KEY, product, refused] += 1

    def take(self) -> Counter[tuple[str, str, str, bool]]:
        """Return what was counted, and begin anew; runs where `count` runs."""
        taken, self._counts = self._counts, Counter()
        return taken

    def write(self, counted: Counter[tuple[str, str, str, bool]]) -> None:
        """Add counts to the table."""
        if not counted:
            return
        rows = [(*key[:3], 0 if key[3] else number, number if key[3] else 0) for key, number in counted.items()]
        with self._lock, transaction(self._connection):
            self._connection.executemany(ADD, rows)

    def read(self, since: str = "", caller: str = "") -> list[Usage]:
        """Return the use from a day on, of one caller or of all, in order of day, caller and product."""
        with self._lock:
            return _rows(self._connection, since, caller)

    def close(self) -> None:
        """Write what is left, and close the file."""
        self.write(self.take())
        self._connection.close()


def usage_in(folder: Path, since: str = "", caller: str = "") -> list[Usage]:
    """Return what a service's folder says, as `UsageMeter.read` does. Raises: UsageFileError."""
    try:
        with contextlib.closing(open_to_read(folder / FILE)) as connection:
            return _rows(connection, since, caller)
    except sqlite3.Error as error:
        expected, action = "the table of use of a service", "Give the folder of a service, or take its copy back"
        raise UsageFileError(folder / FILE, expected=expected, found=str(error), action=action) from error


def _rows(connection: sqlite3.Connection, since: str, caller: str) -> list[Usage]:
    query = "SELECT * FROM usage WHERE day >= ? AND (? = '' OR caller = ?) ORDER BY day, caller, product"
    return [Usage(*row) for row in connection.execute(query, (since, caller, caller))]
