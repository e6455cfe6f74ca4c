"""What sessions keep over a disconnect and a restart: their numbers, and the messages that a client may ask for again.

A message is here before it is sent. The file is written without a flush to the device: a killed process loses nothing
of it, a power cut may lose the last messages. The record loses nothing; then the client resets the numbers of its
session and asks for its orders.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tarazy.facility.gateway.session_numbers import session_of_fix
from tarazy.platform.storage.sql import open_database, transaction

MIGRATIONS = (
    """
CREATE TABLE sessions (
    number INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, comp_id TEXT NOT NULL, role TEXT NOT NULL,
    next_out INTEGER NOT NULL, next_in INTEGER NOT NULL, heard_seq INTEGER NOT NULL, acks_only INTEGER NOT NULL,
    cancels INTEGER NOT NULL, used_s INTEGER NOT NULL, UNIQUE (account_id, comp_id, role)
) STRICT;
CREATE TABLE messages (
    session INTEGER NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, sent_at TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (session, seq)
) STRICT, WITHOUT ROWID;
""",
    "ALTER TABLE sessions ADD COLUMN session_id INTEGER NOT NULL DEFAULT 0;",
)
ORDERS, COPIES, MARKETS = "orders", "copies", "markets"


class SessionName(NamedTuple):
    """Whose session it is, what the client calls itself, and what it is for."""

    account_id: int
    comp_id: str
    role: str


@dataclass(slots=True)
class Numbers:
    """Where a session stands. `heard_seq`: the last command of the record that it was told about.

    `cancels`: its orders are canceled when the connection that is there now ends. `session_id`: what its orders bear in
    the record, also after the session begins anew.
    """

    number: int = 0
    next_out: int = 1
    next_in: int = 1
    heard_seq: int = 0
    acks_only: bool = False
    cancels: bool = False
    session_id: int = 0

    def begun_anew(self) -> Numbers:
        """Return where the same session stands at its begin."""
        return Numbers(number=self.number, session_id=self.session_id)


class SentMessage(NamedTuple):
    """A message as it was sent, or will be."""

    seq: int
    kind: str
    sent_at: str
    body: str


class SessionStore:
    """The sessions of one gateway, on the event loop's thread."""

    def __init__(self, path: Path, *, messages_max: int, sessions_max: int) -> None:
        self._connection = open_database(path, MIGRATIONS, synchronous="NORMAL")
        self._messages_max, self._sessions_max = messages_max, sessions_max

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def load(self) -> dict[SessionName, Numbers]:
        """Return all sessions."""
        rows = self._connection.execute(
            "SELECT account_id, comp_id, role, number, next_out, next_in, heard_seq, acks_only, cancels, session_id "
            "FROM sessions"
        )
        found = {}
        for account_id, comp_id, role, number, next_out, next_in, heard_seq, acks_only, cancels, session_id in rows:
            found[SessionName(account_id, comp_id, role)] = Numbers(
                number,
                next_out,
                next_in,
                heard_seq,
                bool(acks_only),
                bool(cancels),
                session_id or session_of_fix(number),
            )
        return found

    def begin(self, name: SessionName, numbers: Numbers, connected: Collection[int] = ()) -> list[int]:
        """Keep a session anew, without messages; of too many of an account the longest unused go. Return who went.

        `connected` are numbers of sessions that stay, whatever their number.
        """
        with transaction(self._connection):
            self._forget([numbers.number] if numbers.number else [])
            values = (*name, numbers.next_out, numbers.next_in, numbers.heard_seq, numbers.acks_only, numbers.cancels)
            cursor = self._connection.execute(
                "INSERT INTO sessions (account_id, comp_id, role, next_out, next_in, heard_seq, acks_only, cancels, "
                "used_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*values, int(time.time())),
            )
            numbers.number = int(cursor.lastrowid or 0)
            numbers.session_id = numbers.session_id or session_of_fix(numbers.number)
            row = (numbers.session_id, numbers.number)
            self._connection.execute("UPDATE sessions SET session_id = ? WHERE number = ?", row)
            rows = self._connection.execute(
                "SELECT number FROM sessions WHERE account_id = ? ORDER BY used_s DESC, number DESC LIMIT -1 OFFSET ?",
                (name.account_id, self._sessions_max),
            ).fetchall()
            gone = [row[0] for row in rows if row[0] not in connected]
            self._forget(gone)
        return gone

    def _forget(self, numbers: list[int]) -> None:
        for number in numbers:
            self._connection.execute("DELETE FROM messages WHERE session = ?", (number,))
            self._connection.execute("DELETE FROM sessions WHERE number = ?", (number,))

    def write(self, sessions: Iterable[tuple[Numbers, list[SentMessage]]]) -> None:
        """Keep where sessions stand and what they send, all of it or nothing."""
        now_s = int(time.time())
        with transaction(self._connection):
            for numbers, messages in sessions:
                self._connection.execute(
                    "UPDATE sessions SET next_out = ?, next_in = ?, heard_seq = ?, acks_only = ?, cancels = ?, "
                    "used_s = ? WHERE number = ?",
                    (
                        numbers.next_out,
                        numbers.next_in,
                        numbers.heard_seq,
                        numbers.acks_only,
                        numbers.cancels,
                        now_s,
                        numbers.number,
                    ),
                )
                rows = [(numbers.number, *message) for message in messages]
                self._connection.executemany("INSERT INTO messages VALUES (?, ?, ?, ?, ?)", rows)

    def messages(self, number: int, first: int, last: int, limit: int) -> list[SentMessage]:
        """Return the kept messages from one number to another, at most so many."""
        rows = self._connection.execute(
            "SELECT seq, kind, sent_at, body FROM messages WHERE session = ? AND seq BETWEEN ? AND ? "
            "ORDER BY seq LIMIT ?",
            (number, first, last, limit),
        )
        return [SentMessage(*row) for row in rows]

    def prune(self, sessions: Iterable[Numbers]) -> None:
        """Let the oldest messages of sessions go that have more than may be kept."""
        with transaction(self._connection):
            for numbers in sessions:
                self._connection.execute(
                    "DELETE FROM messages WHERE session = ? AND seq < ?",
                    (numbers.number, numbers.next_out - self._messages_max),
                )


def store_errors() -> tuple[type[Exception], ...]:
    """Return what a store raises that cannot write."""
    return (sqlite3.Error, OSError)
