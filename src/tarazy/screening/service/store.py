"""Reports on disk: one SQLite file, embedded, every report with the service's signature over its bytes.

Each write is one transaction in a write-ahead log, so a kill in its midst leaves the report before it. A file that
SQLite finds damaged is put aside and a new one begun: reports can be made again. A row whose signature does not hold is
never served.
Every report is a row of its own; none takes another's place. `identity` says what shaped it (service/identity.py);
supplied code has chain 0 and no address.
A report that a dossier cites is never removed. One that was given out with its signature is kept for a time
(`kept_days`), since somebody may come with it; then it goes like any other when room is needed. What is kept counts
against the share of the caller who was given it first (`kept`), and all callers without a key have a share together,
so that nobody fills the file for others. Where kept reports alone fill it all the same, no new screening begins until
the operator allows more.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tarazy.platform.access.keys import has_key
from tarazy.platform.refusals import RefusedError
from tarazy.platform.signing.answers import AnswerSigner
from tarazy.platform.storage.sql import open_database, transaction
from tarazy.screening.service.reasons import NO_ROOM, SHARE_USED
from tarazy.screening.service.sources import code_hash

DISK_BYTES_MAX = 2 * 1024**3
KEPT_OF_CALLER_PERCENT, KEPT_WITHOUT_KEY_PERCENT = 10, 40
WITHOUT_KEY = ""  # who stands in `kept` for all callers without a key
KEPT_DAYS = 90.0
SECONDS_PER_DAY = 86_400
ROW_BYTES = 2_048  # of a report beside its body and its code: columns and indexes
PRUNE_EVERY = 256  # writes
REPORT_TARGET = "/v1/screening/reports/"

MIGRATIONS = (
    """
CREATE TABLE IF NOT EXISTS reports (
    id TEXT PRIMARY KEY, chain_id INTEGER NOT NULL, address TEXT NOT NULL, code_hash TEXT NOT NULL,
    block_number INTEGER NOT NULL, block_hash TEXT NOT NULL, software TEXT NOT NULL, criteria TEXT NOT NULL,
    creator TEXT NOT NULL, verdict TEXT NOT NULL, honeypot INTEGER NOT NULL, stale INTEGER NOT NULL DEFAULT 0,
    stored_s REAL NOT NULL, signed_at TEXT NOT NULL, key_id TEXT NOT NULL, signature TEXT NOT NULL, body BLOB NOT NULL,
    UNIQUE (chain_id, address, code_hash, block_number)
) STRICT;
CREATE TABLE IF NOT EXISTS codes (code_hash TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS reports_of_code ON reports (code_hash, stored_s);
CREATE INDEX IF NOT EXISTS reports_of_creator ON reports (chain_id, creator) WHERE creator != '';
CREATE INDEX IF NOT EXISTS reports_by_time ON reports (stored_s);
""",
    """
ALTER TABLE reports RENAME TO reports_1;
CREATE TABLE reports (
    id TEXT PRIMARY KEY, chain_id INTEGER NOT NULL, address TEXT NOT NULL, code_hash TEXT NOT NULL,
    block_number INTEGER NOT NULL, block_hash TEXT NOT NULL, setting TEXT NOT NULL, identity TEXT NOT NULL,
    software TEXT NOT NULL, criteria TEXT NOT NULL, creator TEXT NOT NULL, verdict TEXT NOT NULL,
    honeypot INTEGER NOT NULL, stale INTEGER NOT NULL DEFAULT 0, stored_s REAL NOT NULL, signed_at TEXT NOT NULL,
    key_id TEXT NOT NULL, signature TEXT NOT NULL, body BLOB NOT NULL
) STRICT;
INSERT INTO reports SELECT id, chain_id, address, code_hash, block_number, block_hash, '', '', software, criteria,
    creator, verdict, honeypot, stale, stored_s, signed_at, key_id, signature, body FROM reports_1;
DROP TABLE reports_1;
CREATE INDEX reports_of_address ON reports (chain_id, address, stored_s);
CREATE INDEX reports_of_code ON reports (code_hash);
CREATE INDEX reports_of_identity ON reports (identity, stored_s);
CREATE INDEX reports_of_creator ON reports (chain_id, creator) WHERE creator != '';
CREATE INDEX reports_by_time ON reports (stored_s);
""",
    "ALTER TABLE reports ADD COLUMN given_out INTEGER NOT NULL DEFAULT 0;",
    "CREATE TABLE kept (caller TEXT PRIMARY KEY, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
    """
ALTER TABLE reports ADD COLUMN given_out_s REAL NOT NULL DEFAULT 0;
ALTER TABLE reports ADD COLUMN cited INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reports ADD COLUMN kept_for TEXT NOT NULL DEFAULT '';
UPDATE reports SET cited = 1 WHERE given_out;  -- whether a dossier cites these was not kept
CREATE INDEX reports_kept ON reports (given_out_s) WHERE given_out AND NOT cited;
""",
)
SIZE = "length(body) + (SELECT total(length(body)) FROM codes WHERE code_hash = reports.code_hash)"


@dataclass(frozen=True, slots=True)
class Stored:
    """One report as it lies on disk, its signature checked. Units: `stored_s` seconds since 1970."""

    id: str
    chain_id: int
    address: str
    code_hash: str
    block_number: int
    block_hash: str
    setting: str  # software, engine and criteria; "" of a report from before these were kept
    identity: str  # everything that shaped it; "" as well
    software: str
    criteria: str
    creator: str
    verdict: str
    honeypot: bool
    stale: bool
    stored_s: float
    signed_at: str
    key_id: str
    signature: str
    body: bytes  # JSON, as /v1/screening/reports/ID sends it

    def plain(self) -> dict[str, Any]:
        """Return the report as plain data."""
        made: dict[str, Any] = json.loads(self.body)
        return made


class ReportStore:
    """The reports of one service folder; safe to use from several threads."""

    def __init__(
        self,
        path: Path,
        signer: AnswerSigner,
        disk_bytes_max: int = DISK_BYTES_MAX,
        kept_of_caller_percent: int = KEPT_OF_CALLER_PERCENT,
        kept_without_key_percent: int = KEPT_WITHOUT_KEY_PERCENT,
        kept_days: float = KEPT_DAYS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.path = path
        self._kept_percent = (kept_of_caller_percent, kept_without_key_percent)
        self._kept_s = kept_days * SECONDS_PER_DAY
        self._clock = clock
        self.put_aside: Path | None = None  # where a damaged file was moved
        self._signer = signer
        self._disk_bytes_max = disk_bytes_max
        self._lock = threading.Lock()
        self._writes = 0
        self._connection = self._open()

    def _open(self) -> sqlite3.Connection:
        try:
            return open_database(self.path, MIGRATIONS, synchronous="NORMAL", checked=True)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
                raise
            self.put_aside = free_name(self.path.with_suffix(".damaged"))
            self.path.replace(self.put_aside)
            for ending in ("-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    self.path.with_name(self.path.name + ending).unlink()
            return open_database(self.path, MIGRATIONS, synchronous="NORMAL", checked=True)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def put(self, stored: Stored, code: bytes = b"") -> None:
        """Write a report and the code it is about.

        Raises: sqlite3.IntegrityError where there is one with its id.
        """
        row = [getattr(stored, name) for name in COLUMNS[:-1]] + [zlib.compress(stored.body, 6)]
        row = [int(value) if isinstance(value, bool) else value for value in row]
        with self._lock, transaction(self._connection):
            self._writes += 1
            if self._writes % PRUNE_EVERY == 0:
                self._prune()  # before: what is written now is never what goes
            self._connection.execute(f"INSERT INTO reports ({', '.join(COLUMNS)}) VALUES ({MARKS})", row)
            self._connection.execute(
                "INSERT OR IGNORE INTO codes VALUES (?, ?)", (stored.code_hash, zlib.compress(code))
            )

    def by_id(self, report_id: str) -> Stored | None:
        """Return a report by its id."""
        return self._one("id = ?", report_id)

    def give_out(self, report_id: str, caller: str, cited: bool = False) -> Stored | None:
        """Return a report that leaves with its signature: it is kept for a time, on the share of its first caller.

        `cited` says that it leaves in a dossier: then it is kept for good.
        Raises: RefusedError where the share is used up; what was given out before is given again all the same.
        """
        if self.by_id(report_id) is None:
            return None
        with self._lock, transaction(self._connection):
            self._release()
            done = self._connection.execute(
                "UPDATE reports SET given_out = 1, given_out_s = ?, kept_for = ? WHERE id = ? AND NOT given_out"
                f" RETURNING {SIZE}",
                (self._clock(), caller, report_id),
            ).fetchone()
            if cited:
                self._connection.execute("UPDATE reports SET cited = 1 WHERE id = ?", (report_id,))
            if done is not None:
                self._charge(caller, int(done[0]) + ROW_BYTES)
        return self.by_id(report_id)

    def _release(self) -> None:
        """Keep no longer what was given out long ago and no dossier cites, and free its callers' shares."""
        ended = self._connection.execute(
            f"SELECT id, kept_for, {SIZE} FROM reports WHERE given_out AND NOT cited AND given_out_s < ?",
            (self._clock() - self._kept_s,),
        ).fetchall()
        for report_id, caller, size in ended:
            self._connection.execute("UPDATE reports SET given_out = 0 WHERE id = ?", (report_id,))
            for who in (caller,) if has_key(caller) else (caller, WITHOUT_KEY):
                less = "UPDATE kept SET bytes = max(0, bytes - ?) WHERE caller = ?"
                self._connection.execute(less, (int(size) + ROW_BYTES, who))

    def _charge(self, caller: str, size: int) -> None:
        """Count what is kept for a caller. Raises: RefusedError."""
        of_caller, without_key = self._kept_percent
        self._charge_one(caller, size, of_caller)
        if not has_key(caller):
            self._charge_one(WITHOUT_KEY, size, without_key)

    def _charge_one(self, who: str, size: int, percent: int) -> None:
        add = "INSERT INTO kept VALUES (?, ?) ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes RETURNING bytes"
        used = int(self._connection.execute(add, (who, size)).fetchone()[0])
        share = self._disk_bytes_max * percent // 100
        if used > share:
            whose = "of all callers without a key" if who == WITHOUT_KEY else "of one caller"
            raise RefusedError(SHARE_USED, f"the share {whose} is {share:,} bytes; the operator can raise it")

    def require_room(self) -> None:
        """Raise RefusedError where reports that were given out fill the file."""
        with self._lock:
            if self._bytes() <= self._disk_bytes_max:
                return
            with transaction(self._connection):
                self._release()
            if self._connection.execute("SELECT 1 FROM reports WHERE NOT given_out LIMIT 1").fetchone() is None:
                raise RefusedError(NO_ROOM, "the operator can raise limits.disk_bytes_max")

    def code(self, hash_of_code: str) -> bytes | None:
        """Return the code with a hash; nothing where the bytes do not have it."""
        with self._lock:
            row = self._connection.execute("SELECT body FROM codes WHERE code_hash = ?", (hash_of_code,)).fetchone()
        with contextlib.suppress(zlib.error):
            if row is not None and code_hash(code := zlib.decompress(row[0])) == hash_of_code:
                return code
        return None

    def latest(self, chain_id: int, address: str) -> Stored | None:
        """Return the newest report of an address."""
        return self._one("chain_id = ? AND address = ?", chain_id, address)

    def latest_of(self, identity: str) -> Stored | None:
        """Return the newest report that was shaped by exactly this."""
        return self._one("identity = ?", identity)

    def history(self, chain_id: int, address: str, count_max: int) -> list[Stored]:
        """Return the newest reports of an address, newest first."""
        return self._many("chain_id = ? AND address = ?", (chain_id, address), count_max)

    def recent(self, count_max: int) -> list[Stored]:
        """Return the newest reports of all, newest first."""
        return self._many("1", (), count_max)

    def mark_stale(self, chain_id: int, address: str) -> int:
        """Mark the reports of an address as made stale by an event; return how many."""
        with self._lock, transaction(self._connection):
            done = self._connection.execute(
                "UPDATE reports SET stale = 1 WHERE chain_id = ? AND address = ?", (chain_id, address)
            )
        return done.rowcount

    def of_creator(self, chain_id: int, creator: str, without: str = "") -> tuple[int, int, int]:
        """Return how many addresses of a creator were screened, found malicious, found to be honeypots."""
        with self._lock:
            row = self._connection.execute(
                "SELECT count(DISTINCT address), count(DISTINCT CASE WHEN verdict = 'malicious' THEN address END),"
                " count(DISTINCT CASE WHEN honeypot THEN address END)"
                " FROM reports WHERE chain_id = ? AND creator = ? AND address != ?",
                (chain_id, creator, without),
            ).fetchone()
        return int(row[0]), int(row[1]), int(row[2])

    def counts(self) -> tuple[int, int]:
        """Return how many reports there are and how many bytes the file has."""
        with self._lock:
            reports = int(self._connection.execute("SELECT count(*) FROM reports").fetchone()[0])
            return reports, self._bytes()

    def _one(self, where: str, *values: Any) -> Stored | None:
        return next(iter(self._many(where, values, 1)), None)

    def _many(self, where: str, values: tuple[Any, ...], count_max: int) -> list[Stored]:
        query = f"SELECT {', '.join(COLUMNS)} FROM reports WHERE {where} ORDER BY stored_s DESC, id LIMIT ?"
        with self._lock:
            rows = self._connection.execute(query, (*values, count_max)).fetchall()
        return [found for row in rows if (found := self._read(row)) is not None]

    def _read(self, row: tuple[Any, ...]) -> Stored | None:
        try:
            body = zlib.decompress(row[-1])
        except zlib.error:
            return None
        values = dict(zip(COLUMNS, row, strict=True)) | {"body": body}
        found = Stored(**values | {name: bool(values[name]) for name in ("honeypot", "stale")})
        target = REPORT_TARGET + found.id
        return found if self._signer.is_own(found.signature, "GET", target, found.signed_at, body) else None

    def _bytes(self) -> int:
        pages = int(self._connection.execute("PRAGMA page_count").fetchone()[0])
        free = int(self._connection.execute("PRAGMA freelist_count").fetchone()[0])
        return (pages - free) * int(self._connection.execute("PRAGMA page_size").fetchone()[0])

    def _prune(self) -> None:
        """Remove the oldest that are not kept, a tenth at a time, where the file is larger than allowed."""
        self._release()
        while self._bytes() > self._disk_bytes_max:
            tenth = max(1, int(self._connection.execute("SELECT count(*) FROM reports").fetchone()[0]) // 10)
            oldest = "SELECT id FROM reports WHERE NOT given_out ORDER BY stored_s LIMIT ?"
            done = self._connection.execute(f"DELETE FROM reports WHERE id IN ({oldest})", (tenth,))
            self._connection.execute("DELETE FROM codes WHERE code_hash NOT IN (SELECT code_hash FROM reports)")
            if done.rowcount == 0:
                return


def free_name(path: Path) -> Path:
    """Return the path, or the first of path.2, path.3 ... that is not there."""
    number, found = 1, path
    while found.exists():
        number += 1
        found = path.with_name(f"{path.name}.{number}")
    return found


COLUMNS = tuple(Stored.__dataclass_fields__)
MARKS = ", ".join("?" * len(COLUMNS))
