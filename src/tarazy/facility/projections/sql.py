"""Projections in a database, SQLite or PostgreSQL.

A projection works in memory as always; `SqlStore.store` then writes the rows that changed, and the cursor, in one
transaction. So the database always holds a whole projection as of one frame, whatever stops the process or the
database. What will not change any more leaves memory once it is stored, and a start loads only the open rows.

The cursor moves only from where this store left it: two projectors on one database do not both go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import sqlalchemy as sa

from tarazy.facility.database.opener import Database
from tarazy.facility.projections.base import Cursor, Projection, digest_of, heading
from tarazy.facility.projections.errors import OtherProjectorError
from tarazy.facility.projections.sql_tables import decode_row, put_rows, remove_rows, sql_table
from tarazy.facility.projections.table import Table, export_lines

# As the migrations make it.
CURSORS = sa.table("projection_cursors", *map(sa.column, ("name", "layout", "frame_number", "next_seq", "frame_hash")))

# From the cursor that this store has seen last, named `seen_`, to the one behind it.
MOVE = (
    sa.update(CURSORS)
    .where(*(CURSORS.c[name] == sa.bindparam(f"seen_{name}") for name in ("name", "layout", "frame_number")))
    .values({name: sa.bindparam(name) for name in Cursor._fields})
)


class SqlStore:
    """One database with any number of projections."""

    def __init__(self, target: str | Path) -> None:
        """Open a file of SQLite, or an address of PostgreSQL. Raises: DatabaseError, as every method does."""
        self._database = Database(target)
        self._stored: dict[str, Cursor] = {}
        self._tables: dict[str, list[tuple[Table, sa.Table]]] = {}

    def attach(self, projection: Projection) -> None:
        """Bring a new projection to where the database has it; tables of another layout are made anew."""
        self._begin(projection, anew=False)

    def reset(self, projection: Projection) -> None:
        """Make the tables of a new projection anew, whatever the database has of it."""
        self._begin(projection, anew=True)

    def _begin(self, projection: Projection, *, anew: bool) -> None:
        """Load a projection, or make its tables where there are none of its layout."""
        self._tables[projection.name] = [(table, sql_table(projection, table)) for table in projection.tables]
        with self._database.writing(exclusive=True) as connection:
            row = connection.execute(sa.select(CURSORS).where(CURSORS.c.name == projection.name)).one_or_none()
            if anew or row is None or row.layout != projection.layout:
                self._create(connection, projection)
            else:
                self._load(connection, projection)
                projection.cursor = Cursor(row.frame_number, row.next_seq, bytes.fromhex(row.frame_hash))
        self._stored[projection.name] = projection.cursor

    def _create(self, connection: sa.Connection, projection: Projection) -> None:
        """Make the tables of a projection anew, with its cursor at the start."""
        for _, stored in self._tables[projection.name]:
            stored.drop(connection, checkfirst=True)
            stored.create(connection)
        connection.execute(sa.delete(CURSORS).where(CURSORS.c.name == projection.name))
        names = {"name": projection.name, "layout": projection.layout}
        connection.execute(sa.insert(CURSORS).values(**names, **_values(projection.cursor)))

    def _load(self, connection: sa.Connection, projection: Projection) -> None:
        """Load the rows that may still change."""
        for table, stored in self._tables[projection.name]:
            width = len(table.keys)
            for row in _select(connection, table, stored, table.open_where):
                table.rows[row[0] if width == 1 else row[:width]] = list(row[width:])

    def store(self, projections: Sequence[Projection]) -> None:
        """Write what changed in each projection, and its cursor, in one transaction.

        Raises: OtherProjectorError. Then, as after any error, nothing was stored, and the projections must be loaded
        anew.
        """
        moved = [each for each in projections if each.cursor != self._stored[each.name]]
        if not moved:
            return
        with self._database.writing() as connection:
            for projection in moved:
                self._move_cursor(connection, projection)
                for table, stored in self._tables[projection.name]:
                    _write(connection, table, stored)
        for projection in moved:
            self._stored[projection.name] = projection.cursor
            for table in projection.tables:
                table.evict()

    def _move_cursor(self, connection: sa.Connection, projection: Projection) -> None:
        """Move a cursor from where this store last saw it."""
        before = self._stored[projection.name]
        seen = {
            "seen_name": projection.name,
            "seen_layout": projection.layout,
            "seen_frame_number": before.frame_number,
        }
        moved = connection.execute(MOVE, {**seen, **_values(projection.cursor)})
        if moved.rowcount != 1:
            expected = f"the cursor at frame {before.frame_number}"
            raise OtherProjectorError(projection.name, expected=expected, found="another one")

    # ------------------------------------------------------------ export
    def export(self, projection: Projection) -> Iterator[str]:
        """Return the canonical text of a stored projection, line by line."""
        yield heading(projection)
        with self._database.reading() as connection:
            for table, stored in self._tables[projection.name]:
                yield from export_lines(table, _select(connection, table, stored))

    def digest(self, projection: Projection) -> bytes:
        """Return the SHA-256 of the canonical text; equal to that of the same projection in memory."""
        return digest_of(self.export(projection))

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def __enter__(self) -> SqlStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _values(cursor: Cursor) -> dict[str, int | str]:
    """Return a cursor as the database holds it."""
    return {**cursor._asdict(), "frame_hash": cursor.frame_hash.hex()}


def _write(connection: sa.Connection, table: Table, stored: sa.Table) -> None:
    """Write the changed rows of a table."""
    gone = [key if isinstance(key, tuple) else (key,) for key in table.touched if key not in table.rows]
    remove_rows(connection, table, stored, gone)
    put_rows(connection, table, stored, table.full_rows(table.touched & table.rows.keys()))


def _select(connection: sa.Connection, table: Table, stored: sa.Table, where: str = "") -> Iterator[tuple[Any, ...]]:
    """Iterate over the stored rows in the order of keys."""
    query = sa.select(stored).order_by(*stored.primary_key)
    if where:
        query = query.where(sa.text(where))
    for row in connection.execute(query):
        yield decode_row(table.all_columns, row)
