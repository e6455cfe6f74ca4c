"""What the watch keeps through restarts: blocks, snapshots, records on their way to the file, and what was noticed.

One SQLite file, one writer. A block with all that it brought is one transaction; a crash leaves either all of it or
nothing. Records are kept as the very lines that go into the file, so that a crash on the way loses and doubles none.
"""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tarazy.chains.evm.blocks import Block
from tarazy.platform.storage.sql import NewerDatabaseError, open_database, open_to_read, transaction
from tarazy.screening.watch.errors import WatchOptionsError, WatchStateError
from tarazy.screening.watch.record_file import FIRST, line_hash
from tarazy.screening.watch.snapshot import TokenSnapshot
from tarazy.screening.watch.thresholds import KEPT_BLOCKS

NAME = "watch.sqlite"
MIGRATIONS = (
    """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS blocks (
    number INTEGER PRIMARY KEY, hash TEXT NOT NULL, parent TEXT NOT NULL, timestamp_s INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS snapshots (
    address TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (address, number)) STRICT;
CREATE TABLE IF NOT EXISTS firsts (address TEXT PRIMARY KEY, number INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS records (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, address TEXT NOT NULL, key TEXT NOT NULL, level INTEGER NOT NULL,
    block_number INTEGER NOT NULL, block_hash TEXT NOT NULL, retracted INTEGER NOT NULL DEFAULT 0,
    told INTEGER NOT NULL DEFAULT 0, line BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS noticed (
    number INTEGER NOT NULL, hash TEXT NOT NULL, address TEXT NOT NULL, body TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS records_by_key ON records (address, key, block_number);
CREATE INDEX IF NOT EXISTS records_untold ON records (number) WHERE told = 0;
""",
)


@dataclass(frozen=True, slots=True)
class Kept:
    """One record as it is kept. `key` "" for records that are no alert."""

    number: int
    id: str
    address: str
    key: str
    level: int
    block_number: int
    block_hash: str
    line: bytes


def newest_number(folder: Path) -> int | None:
    """Return the last block that the watch of a folder has taken, None where there is none yet."""
    try:
        with closing(open_to_read(folder / NAME)) as database:
            row = database.execute("SELECT max(number) FROM blocks").fetchone()
    except sqlite3.Error:
        return None
    return int(row[0]) if row and row[0] is not None else None


class WatchStore:
    """The state of one watch. Raises: WatchStateError where the file cannot be used."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / NAME
        self._guard = os.open(folder / "watch.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._guard)
            raise WatchOptionsError(
                str(folder), "a folder that no other watch uses", "one in use", "Give each watch a folder of its own."
            ) from error
        try:
            self._open()
        except (sqlite3.DatabaseError, NewerDatabaseError) as error:
            os.close(self._guard)
            raise WatchStateError(str(self.path), "the state of a watch", str(error)) from error

    def _open(self) -> None:
        self._database = open_database(self.path, MIGRATIONS)

    def close(self) -> None:
        """Close the file and let another watch have the folder."""
        self._database.close()
        os.close(self._guard)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all of what is inside or nothing."""
        with transaction(self._database):
            yield

    # ------------------------------------------------------------ facts

    def fact(self, name: str) -> str | None:
        """Return a fact about the watch as a whole."""
        row = self._database.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_fact(self, name: str, value: str) -> None:
        """Keep a fact."""
        self._database.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def require_fact(self, name: str, value: str) -> None:
        """Keep a fact at the first start and see that it is the same at every later one.

        Raises: WatchOptionsError.
        """
        kept = self.fact(name)
        if kept is None:
            self.set_fact(name, value)
        elif kept != value:
            action = "Give the watch a new folder, or the options that it had before."
            raise WatchOptionsError(str(self.path), f"{name} {kept}, as before", value, action)

    # ------------------------------------------------------------ blocks

    def newest(self) -> Block | None:
        """Return the last block that was looked at."""
        row = self._database.execute("SELECT * FROM blocks ORDER BY number DESC LIMIT 1").fetchone()
        return None if row is None else Block(*row)

    def block(self, number: int) -> Block | None:
        """Return a block that was looked at, where it is still kept."""
        row = self._database.execute("SELECT * FROM blocks WHERE number = ?", (number,)).fetchone()
        return None if row is None else Block(*row)

    def blocks_down(self) -> list[Block]:
        """Return the blocks that are kept, newest first."""
        return [Block(*row) for row in self._database.execute("SELECT * FROM blocks ORDER BY number DESC")]

    def add_block(self, block: Block) -> None:
        """Keep a block and forget those that are too old to be undone."""
        row = (block.number, block.hash, block.parent_hash, block.timestamp_s)
        self._database.execute("INSERT INTO blocks VALUES (?, ?, ?, ?)", row)
        oldest = (block.number - KEPT_BLOCKS,)
        self._database.execute("DELETE FROM blocks WHERE number <= ?", oldest)
        self._database.execute(
            "DELETE FROM snapshots WHERE number <= ? AND number < "
            "(SELECT max(number) FROM snapshots AS later WHERE later.address = snapshots.address)",
            oldest,
        )

    def remove_above(self, number: int) -> None:
        """Forget every block, snapshot and thing noticed above a block."""
        for table in ("blocks", "snapshots", "noticed", "firsts"):
            self._database.execute(f"DELETE FROM {table} WHERE number > ?", (number,))

    # ------------------------------------------------------------ snapshots

    def add_snapshot(self, address: str, number: int, snapshot: TokenSnapshot) -> None:
        """Keep what a token was at a block; the first one is kept for good."""
        text = snapshot.to_text()
        self._database.execute("INSERT INTO snapshots VALUES (?, ?, ?)", (address, number, text))
        self._database.execute("INSERT OR IGNORE INTO firsts VALUES (?, ?, ?)", (address, number, text))

    def first(self, address: str) -> TokenSnapshot | None:
        """Return the snapshot with which the watch of a token began."""
        row = self._database.execute("SELECT body FROM firsts WHERE address = ?", (address,)).fetchone()
        return None if row is None else TokenSnapshot.from_text(row[0])

    def recent(self, address: str, first_number: int) -> list[TokenSnapshot]:
        """Return the snapshots of a token from a block on, oldest first; the newest one always."""
        rows = self._database.execute(
            "SELECT body FROM snapshots WHERE address = ? AND number >= min(?, "
            "(SELECT max(number) FROM snapshots WHERE address = ?)) ORDER BY number",
            (address, first_number, address),
        )
        return [TokenSnapshot.from_text(row[0]) for row in rows]

    def notice(self, block: Block, address: str, body: dict[str, Any]) -> None:
        """Keep something that happened and needs no alert."""
        text = json.dumps(body, sort_keys=True)
        self._database.execute("INSERT INTO noticed VALUES (?, ?, ?, ?)", (block.number, block.hash, address, text))

    def noticed(self, address: str) -> list[dict[str, Any]]:
        """Return what was noticed about a token, oldest first."""
        rows = self._database.execute(
            "SELECT number, hash, body FROM noticed WHERE address = ? ORDER BY rowid", (address,)
        )
        return [{"block_number": row[0], "block_hash": row[1], **json.loads(row[2])} for row in rows]

    # ------------------------------------------------------------ records

    def next_number(self) -> tuple[int, str]:
        """Return the number of the next record and the hash of the line before it."""
        row = self._database.execute("SELECT number, line FROM records ORDER BY number DESC LIMIT 1").fetchone()
        return (1, FIRST) if row is None else (row[0] + 1, line_hash(row[1]))

    def add_record(self, kept: Kept) -> None:
        """Keep a record; it goes into the file once the transaction stands."""
        self._database.execute(
            "INSERT INTO records (number, id, address, key, level, block_number, block_hash, line)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (kept.number, kept.id, kept.address, kept.key, kept.level, kept.block_number, kept.block_hash, kept.line),
        )

    def standing(self, address: str, key: str, since_block: int) -> int | None:
        """Return the worst level at which an alert of this kind stands since a block, None where none does."""
        row = self._database.execute(
            "SELECT max(level) FROM records WHERE address = ? AND key = ? AND block_number >= ? AND retracted = 0",
            (address, key, since_block),
        ).fetchone()
        return None if row[0] is None else int(row[0])

    def alerts_above(self, number: int) -> list[Kept]:
        """Return the alerts about blocks above a number that were not retracted."""
        rows = self._database.execute(
            "SELECT number, id, address, key, level, block_number, block_hash, line FROM records"
            " WHERE block_number > ? AND retracted = 0 AND key != '' ORDER BY number",
            (number,),
        )
        return [Kept(*row) for row in rows]

    def retract(self, numbers: Iterable[int]) -> None:
        """Mark alerts as retracted."""
        self._database.executemany("UPDATE records SET retracted = 1 WHERE number = ?", [(each,) for each in numbers])

    def unwritten(self) -> tuple[int, int, bytes]:
        """Return how many bytes of the file stand, the number of the newest record, and the lines yet to come."""
        number, size = int(self.fact("written_number") or 0), int(self.fact("written_bytes") or 0)
        rows = list(
            self._database.execute("SELECT number, line FROM records WHERE number > ? ORDER BY number", (number,))
        )
        return size, rows[-1][0] if rows else number, b"".join(row[1] for row in rows)

    def set_written(self, number: int, size: int) -> None:
        """Keep up to which record and byte the file stands."""
        with self.transaction():
            self.set_fact("written_number", str(number))
            self.set_fact("written_bytes", str(size))

    def untold(self) -> list[tuple[int, bytes]]:
        """Return number and line of the records of which nobody was told yet."""
        return list(self._database.execute("SELECT number, line FROM records WHERE told = 0 ORDER BY number"))

    def set_reported(self, number: int) -> None:
        """Mark a record as told."""
        self._database.execute("UPDATE records SET told = 1 WHERE number = ?", (number,))
