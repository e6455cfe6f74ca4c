"""Projections in a database: SQLite from the standard library today, PostgreSQL with the same statements later.

A projection works in memory as always; `SqlStore.store` then writes the rows that changed, and the cursor, in one
transaction. So the database always holds a whole projection as of one frame, whatever stops the process. What will not
change any more leaves memory once it is stored, and a start loads only the open rows.

Only statements that both databases know: `INSERT ... ON CONFLICT ... DO UPDATE`, `BIGINT`, `TEXT`. Numbers of more than
63 bits are decimal text, padded with zeros, so that text sorts as the numbers do. The cursor moves only from where this
store left it: two projectors on one database do not both go on.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from tarazy.facility.projections.base import Cursor, Projection, digest_of, heading
from tarazy.facility.projections.errors import OtherProjectorError
from tarazy.facility.projections.table import Column, Table, Width, export_lines

CURSORS = (
    "CREATE TABLE IF NOT EXISTS projection_cursors (name TEXT PRIMARY KEY, layout BIGINT NOT NULL, "
    "frame_number BIGINT NOT NULL, next_seq BIGINT NOT NULL, frame_hash TEXT NOT NULL)"
)
_MOVE = (
    "UPDATE projection_cursors SET frame_number = ?, next_seq = ?, frame_hash = ? "
    "WHERE name = ? AND layout = ? AND frame_number = ?"
)


class SqlStore:
    """One database with any number of projections."""

    def __init__(self, path: Path) -> None:
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=10)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")  # derived: a rebuild brings back what a power cut took
        self._connection.execute(CURSORS)
        self._stored: dict[str, Cursor] = {}

    def attach(self, projection: Projection) -> None:
        """Bring a new projection to where the database has it; tables of another layout are made anew."""
        run = self._connection.execute
        run("BEGIN IMMEDIATE")
        try:
            row = run("SELECT layout, frame_number, next_seq, frame_hash FROM projection_cursors WHERE name = ?",
                      (projection.name,)).fetchone()  # fmt: skip
            if row is None or row[0] != projection.layout:
                self._create(projection)
            else:
                self._load(projection, Cursor(row[1], row[2], bytes.fromhex(row[3])))
            run("COMMIT")
        except BaseException:
            run("ROLLBACK")
            raise
        self._stored[projection.name] = projection.cursor

    def reset(self, projection: Projection) -> None:
        """Make the tables of a new projection anew, whatever the database has of it."""
        run = self._connection.execute
        run("BEGIN IMMEDIATE")
        try:
            self._create(projection)
            run("COMMIT")
        except BaseException:
            run("ROLLBACK")
            raise
        self._stored[projection.name] = projection.cursor

    def _create(self, projection: Projection) -> None:
        """Make the tables of a projection anew, with its cursor at the start."""
        run = self._connection.execute
        for table in projection.tables:
            run(f"DROP TABLE IF EXISTS {sql_name(projection, table)}")
            run(create_statement(projection, table))
        run("DELETE FROM projection_cursors WHERE name = ?", (projection.name,))
        cursor = projection.cursor
        values = (projection.name, projection.layout, cursor.frame_number, cursor.next_seq, cursor.frame_hash.hex())
        run("INSERT INTO projection_cursors VALUES (?, ?, ?, ?, ?)", values)

    def _load(self, projection: Projection, cursor: Cursor) -> None:
        """Load the rows that may still change."""
        for table in projection.tables:
            width = len(table.keys)
            for row in self._select(projection, table, table.open_where):
                table.rows[row[0] if width == 1 else row[:width]] = list(row[width:])
        projection.cursor = cursor

    def store(self, projections: Sequence[Projection]) -> None:
        """Write what changed in each projection, and its cursor, in one transaction.

        Raises: OtherProjectorError; sqlite3.Error. Then nothing was stored, and the projections must be loaded anew.
        """
        run = self._connection.execute
        moved = [each for each in projections if each.cursor != self._stored[each.name]]
        if not moved:
            return
        run("BEGIN IMMEDIATE")
        try:
            for projection in moved:
                self._move_cursor(projection)
                for table in projection.tables:
                    self._write(projection, table)
            run("COMMIT")
        except BaseException:
            run("ROLLBACK")
            raise
        for projection in moved:
            self._stored[projection.name] = projection.cursor
            for table in projection.tables:
                table.evict()

    def _move_cursor(self, projection: Projection) -> None:
        """Move a cursor from where this store last saw it."""
        before, cursor = self._stored[projection.name], projection.cursor
        values = (cursor.frame_number, cursor.next_seq, cursor.frame_hash.hex())
        where = (projection.name, projection.layout, before.frame_number)
        if self._connection.execute(_MOVE, values + where).rowcount != 1:
            expected = f"the cursor at frame {before.frame_number}"
            raise OtherProjectorError(projection.name, expected=expected, found="another one")

    def _write(self, projection: Projection, table: Table) -> None:
        """Write the changed rows of a table."""
        gone = [key for key in table.touched if key not in table.rows]
        if gone:
            where = " AND ".join(f"{column.name} = ?" for column in table.keys)
            statement = f"DELETE FROM {sql_name(projection, table)} WHERE {where}"
            keys = (key if isinstance(key, tuple) else (key,) for key in gone)
            self._connection.executemany(statement, (encode_row(table.keys, key) for key in keys))
        columns = table.all_columns
        rows = (encode_row(columns, table.full_row(key)) for key in table.touched if key in table.rows)
        self._connection.executemany(upsert_statement(projection, table), rows)

    def _select(self, projection: Projection, table: Table, where: str = "") -> Iterator[tuple[int, ...]]:
        """Iterate over the stored rows in the order of keys."""
        names = ", ".join(column.name for column in table.all_columns)
        order = ", ".join(column.name for column in table.keys)
        statement = f"SELECT {names} FROM {sql_name(projection, table)}"
        statement += f" WHERE {where}" if where else ""
        for row in self._connection.execute(f"{statement} ORDER BY {order}"):
            yield tuple(map(int, row))

    # ------------------------------------------------------------ export
    def export(self, projection: Projection) -> Iterator[str]:
        """Return the canonical text of a stored projection, line by line."""
        yield heading(projection)
        for table in projection.tables:
            yield from export_lines(table, self._select(projection, table))

    def digest(self, projection: Projection) -> bytes:
        """Return the SHA-256 of the canonical text; equal to that of the same projection in memory."""
        return digest_of(self.export(projection))

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def __enter__(self) -> SqlStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def sql_name(projection: Projection, table: Table) -> str:
    """Return the name of a table in the database."""
    return table.name if table.name == projection.name else f"{projection.name}_{table.name}"


def create_statement(projection: Projection, table: Table) -> str:
    """Return the statement that makes a table."""
    columns = [
        f"{column.name} {'BIGINT' if column.width is Width.u63 else 'TEXT'} NOT NULL" for column in table.all_columns
    ]
    keys = ", ".join(column.name for column in table.keys)
    return f"CREATE TABLE {sql_name(projection, table)} ({', '.join(columns)}, PRIMARY KEY ({keys}))"


def upsert_statement(projection: Projection, table: Table) -> str:
    """Return the statement that inserts a row or replaces it."""
    names = ", ".join(column.name for column in table.all_columns)
    marks = ", ".join("?" * len(table.all_columns))
    keys = ", ".join(column.name for column in table.keys)
    sets = ", ".join(f"{column.name} = excluded.{column.name}" for column in table.columns)
    into = f"INSERT INTO {sql_name(projection, table)} ({names}) VALUES ({marks})"
    return f"{into} ON CONFLICT ({keys}) DO UPDATE SET {sets}"


def encode_row(columns: Sequence[Column], row: Sequence[int]) -> list[int | str]:
    """Return a row as the database holds it: wide integers as text that sorts as they do."""
    return [
        value if column.width is Width.u63 else str(value).zfill(column.width.value)
        for column, value in zip(columns, row, strict=True)
    ]
