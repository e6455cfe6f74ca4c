"""Which client has confirmed which paper: a line for each account, head and version, never changed.

The file lies beside the desk's record. A confirmation names the SHA-256 of the text that was shown, who confirmed, and
when; the newest version in force, or the oldest that still counts, is asked for before the first order.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.platform.storage.sql import open_database, transaction

MIGRATIONS = (
    """
CREATE TABLE acknowledgements (
    account_id INTEGER NOT NULL, head TEXT NOT NULL, version INTEGER NOT NULL, sha256 TEXT NOT NULL,
    person TEXT NOT NULL, at_s INTEGER NOT NULL, PRIMARY KEY (account_id, head, version)
) STRICT;
""",
)
FILE = "acknowledgements.sqlite3"


class Acknowledged(NamedTuple):
    """One confirmation. Units: seconds since 1970."""

    account_id: int
    head: str
    version: int
    sha256: str
    person: str
    at_s: int

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        return {**self._asdict(), "at": datetime.fromtimestamp(self.at_s, UTC).isoformat()}


class Acknowledgements:
    """The confirmations of one facility's clients. May be used from several threads and processes."""

    def __init__(self, folder: Path) -> None:
        self._connection = open_database(folder / FILE, MIGRATIONS)
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def confirm(self, account_id: int, papers: Mapping[str, Mapping[str, Any]], person: str) -> None:
        """Note that somebody has confirmed papers for an account; what was confirmed before stays as it was."""
        at_s = int(time.time())
        with self._lock, transaction(self._connection):
            for head, row in papers.items():
                self._connection.execute(
                    "INSERT OR IGNORE INTO acknowledgements VALUES (?, ?, ?, ?, ?, ?)",
                    (account_id, head, row["version"], row["sha256"], person, at_s),
                )

    def of(self, account_id: int) -> list[Acknowledged]:
        """Return what was confirmed for an account, oldest first."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT * FROM acknowledgements WHERE account_id = ? ORDER BY at_s, head, version", (account_id,)
            ).fetchall()
        return [Acknowledged(*row) for row in rows]

    def every(self) -> list[Acknowledged]:
        """Return all confirmations, by account."""
        with self._lock:
            rows = self._connection.execute("SELECT * FROM acknowledgements ORDER BY account_id, head, version")
            return [Acknowledged(*row) for row in rows]

    def newest(self, account_id: int) -> dict[str, int]:
        """Return the newest confirmed version of each head."""
        found: dict[str, int] = {}
        for row in self.of(account_id):
            found[row.head] = max(row.version, found.get(row.head, 0))
        return found
