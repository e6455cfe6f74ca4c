"""One way to open an SQLite file: its own mode, a write-ahead log, and the room's migrations up to the newest.

A migration is a text of statements, and its number is its place in the list, from 1. It is never changed once it was
released: what is to be different is a new one. The file keeps the number of its last migration in `user_version`; a
migration and its number are one transaction, so that a kill in its midst leaves the file as it was before.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

BUSY_S = 10.0
MODE = 0o600


class NewerDatabaseError(Exception):
    """A file has migrations that this software does not know."""

    def __init__(self, path: Path, known: int, found: int) -> None:
        self.path, self.known, self.found = path, known, found
        super().__init__(path, known, found)

    def __str__(self) -> str:
        return (
            f"{self.path}: expected at most migration {self.known}, found {self.found}; "
            "a newer release wrote it: use that release, or a copy of the file from before"
        )


def open_database(
    path: Path, migrations: Sequence[str], *, synchronous: str = "FULL", checked: bool = False
) -> sqlite3.Connection:
    """Open a file, or make it, with every migration done; `checked` has SQLite look through it first.

    The connection commits every statement by itself; `transaction` makes several one. It may be used from several
    threads where the room locks. Raises: sqlite3.DatabaseError, NewerDatabaseError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        path.chmod(MODE)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        if checked:
            require_sound(connection)
        migrate(path, connection, migrations)
    except BaseException:
        connection.close()
        raise
    return connection


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a file that is there, to read only.

    Raises: sqlite3.OperationalError where there is none.
    """
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", timeout=1.0, isolation_level=None, uri=True)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Do all of what is inside or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def migrate(path: Path, connection: sqlite3.Connection, migrations: Sequence[str]) -> None:
    """Do what is missing, one transaction for each migration.

    Raises: NewerDatabaseError.
    """
    while (done := version(connection)) != len(migrations):
        if done > len(migrations):
            raise NewerDatabaseError(path, len(migrations), done)
        with transaction(connection):
            if version(connection) == done:  # another process may have been first
                for statement in statements(migrations[done]):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {done + 1}")


def version(connection: sqlite3.Connection) -> int:
    """Return the number of the last migration that was done."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def statements(text: str) -> Iterator[str]:
    """Yield the statements of a migration."""
    gathered = ""
    for part in text.strip().split(";")[:-1]:
        gathered += f"{part};"
        if sqlite3.complete_statement(gathered):
            yield gathered
            gathered = ""
    if gathered or text.strip()[-1:] != ";":
        raise ValueError(f"expected statements that each end with a semicolon, found {text.strip()[-40:]!r}")


def require_sound(connection: sqlite3.Connection) -> None:
    """Raise sqlite3.DatabaseError where SQLite finds damage."""
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(f"expected a sound file, found: {found}")
