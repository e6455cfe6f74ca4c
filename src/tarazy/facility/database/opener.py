"""Open a database: SQLite in a file, or PostgreSQL, with its tables brought up to this software's migrations.

The two are used in the same way, by SQLAlchemy Core. `writing` and `reading` are the only ways to a transaction: one
that writes shuts other writers out from its start in SQLite, so that none of them fails half-way because it read
first; one that reads sees one state of the whole database however long it takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError

from tarazy.facility.database.errors import AddressError, DriverMissingError, LostError, OpenError
from tarazy.facility.database.migrate import migrate

WAIT_S = 10  # for a lock of SQLite, and for PostgreSQL to answer
ROWS_AT_ONCE = 10_000  # so many lie in memory while many are read
_READS = "tarazy_reads"
# Any number will do that nobody else takes in this database; the locks of one transaction end with it.
_EXCLUSIVE = 0x7461_7261_7A79


def database_url(target: str | Path) -> sa.URL:
    """Return the address of a database: a path is a file of SQLite, everything with `://` an address.

    Raises: AddressError.
    """
    if isinstance(target, Path) or "://" not in target:
        return sa.URL.create("sqlite", database=str(target))
    shown = target.rpartition("@")[2]
    try:
        url = sa.make_url(target)
    except (ArgumentError, ValueError) as error:
        raise AddressError(shown, expected="postgresql://USER@HOST:PORT/NAME", found="other words") from error
    if url.drivername not in ("postgresql", "postgresql+psycopg") or not url.database:
        raise AddressError(shown, expected="postgresql://USER@HOST:PORT/NAME", found=f"{url.drivername}://")
    return url.set(drivername="postgresql+psycopg")


class Database:
    """One open database."""

    def __init__(self, target: str | Path) -> None:
        """Open a database and migrate it. Raises: AddressError, DriverMissingError, OpenError."""
        self.url = database_url(target)
        self.place = place(self.url)
        self.is_sqlite = self.url.drivername == "sqlite"
        self.engine = self._engine()
        try:
            with self.writing(exclusive=True) as connection:
                migrate(connection, self.place)
        except LostError as error:
            self.close()
            raise OpenError(self.place, expected="a database that answers", found=error.found) from error
        except BaseException:
            self.close()
            raise

    def _engine(self) -> sa.Engine:
        """Return the engine of either kind."""
        if self.is_sqlite:
            Path(str(self.url.database)).parent.mkdir(parents=True, exist_ok=True)
            engine = sa.create_engine(self.url, connect_args={"timeout": WAIT_S})
            sa.event.listen(engine, "connect", _set_up_sqlite)
            sa.event.listen(engine, "begin", _begin_sqlite)
            return engine
        try:
            return sa.create_engine(self.url, pool_pre_ping=True, connect_args={"connect_timeout": WAIT_S})
        except ImportError as error:
            raise DriverMissingError(self.place, expected="the package psycopg", found="none") from error

    @contextmanager
    def writing(self, *, exclusive: bool = False) -> Iterator[sa.Connection]:
        """Give a transaction that writes; it is committed at the end, or undone by an error.

        `exclusive` shuts out every other transaction that asked for it too: for what makes tables.
        Raises: LostError where the database fails.
        """
        with self._telling(), self.engine.begin() as connection:
            if exclusive and not self.is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_EXCLUSIVE)))
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a transaction that reads one state of the database. Raises: LostError."""
        options: dict[str, Any] = {_READS: True, "yield_per": ROWS_AT_ONCE}
        if not self.is_sqlite:
            options["isolation_level"] = "REPEATABLE READ"
        with self._telling(), self.engine.connect() as connection:
            yield connection.execution_options(**options)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Turn an error of the driver into ours, in one line and without what was being stored."""
        try:
            yield
        except DBAPIError as error:
            words = " ".join(str(error.orig).split())
            raise LostError(self.place, expected="a database that does what it is asked", found=words) from error

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def place(url: sa.URL) -> str:
    """Return the words for a database: its file, or its address without a password."""
    if url.drivername == "sqlite":
        return str(url.database)
    shown = sa.URL.create("postgresql", url.username, None, url.host, url.port, url.database)
    return shown.render_as_string()


def _set_up_sqlite(connection: Any, record: Any) -> None:
    """Set up a connection to SQLite: transactions begin where we say so."""
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")  # derived: a rebuild brings back what a power cut took


def _begin_sqlite(connection: sa.Connection) -> None:
    """Begin a transaction, one that writes with the lock for writing."""
    connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get(_READS) else "BEGIN IMMEDIATE")
