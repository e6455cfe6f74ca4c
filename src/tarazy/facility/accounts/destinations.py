"""Where clients want their assets sent, by hash: the record names the hash alone, and whoever signs needs the words.

A destination is what the client sent, an address or a bank account, as text; its hash is SHA-256 of that text in UTF-8.
It is stored before the withdrawal is ordered, so that no request on record is without its words. Beside the keys and
not in the record: an address may name a person.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from tarazy.oversight.requests.withdrawal_requests import destination_hash
from tarazy.platform.storage.sql import open_database

MIGRATIONS = (
    """
CREATE TABLE destinations (
    account_id INTEGER NOT NULL, hash TEXT NOT NULL, destination TEXT NOT NULL, first_s INTEGER NOT NULL,
    PRIMARY KEY (account_id, hash)
) STRICT;
""",
)
FILE_NAME = "destinations.sqlite"


class Destinations:
    """The destinations of one facility's withdrawals. May be used from several threads."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._connection = open_database(folder / FILE_NAME, MIGRATIONS)
        self._lock = threading.Lock()
        self._clock = clock

    def close(self) -> None:
        """Close the table."""
        self._connection.close()

    def keep(self, account_id: int, destination: str) -> bytes:
        """Store a destination of an account where it is new; return its hash."""
        digest = destination_hash(destination)
        row = (account_id, digest.hex(), destination, int(self._clock()))
        with self._lock:
            self._connection.execute("INSERT OR IGNORE INTO destinations VALUES (?, ?, ?, ?)", row)
        return digest

    def find(self, account_id: int, digest: str) -> str | None:
        """Return an account's destination by its hash in hexadecimal, None where it did not come in here."""
        with self._lock:
            row = self._connection.execute(
                "SELECT destination FROM destinations WHERE account_id = ? AND hash = ?", (account_id, digest)
            ).fetchone()
        return str(row[0]) if row is not None else None
