"""The tables of projections as SQL has them, and how many rows are written or removed at once.

Integers of at most 63 bits are `BIGINT`; wider ones are decimal text, padded with zeros, so that text sorts as the
numbers do; words are text. SQLite lies in the same process and takes one row after the other at full speed. PostgreSQL
lies behind a connection: it takes each column of all rows as one array, and one statement inserts or replaces them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from tarazy.facility.projections.base import Projection
from tarazy.facility.projections.table import Column, Table, Width

STATEMENTS_MAX = 256
AS_THEY_ARE = (Width.u63, Width.text)
_WIDE = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def sql_table(projection: Projection, table: Table) -> sa.Table:
    """Return a table as SQL has it."""
    name = table.name if table.name == projection.name else f"{projection.name}_{table.name}"
    keys = [sa.Column(key.name, sql_type(key), primary_key=True, autoincrement=False) for key in table.keys]
    columns = [sa.Column(column.name, sql_type(column), nullable=False) for column in table.columns]
    indexes = [sa.Index(f"{name}_by_{'_'.join(names)}", *names) for names in table.indexes]
    return sa.Table(name, sa.MetaData(), *keys, *columns, *indexes)


def sql_type(column: Column) -> sa.types.TypeEngine[Any]:
    """Return how a column is stored."""
    return sa.BigInteger() if column.width is Width.u63 else _WIDE


def encode_columns(columns: Sequence[Column], rows: Iterable[tuple[Any, ...]]) -> list[Sequence[int | str]]:
    """Return the columns of some rows as the database holds them; none where there are no rows."""
    return [
        values if column.width in AS_THEY_ARE else list(map(f"%0{column.width.value}d".__mod__, values))
        for column, values in zip(columns, zip(*rows, strict=True), strict=False)
    ]


def encode_value(column: Column, value: Any) -> int | str:
    """Return a value as the database holds it, for a question about it."""
    return encode_columns((column,), [(value,)])[0][0]


def decode_row(columns: Sequence[Column], row: Iterable[Any]) -> tuple[Any, ...]:
    """Return a row of the database as a projection has it."""
    return tuple(
        value if column.width is Width.text else int(value) for column, value in zip(columns, row, strict=True)
    )


def put_rows(connection: sa.Connection, table: Table, stored: sa.Table, rows: Iterable[tuple[int, ...]]) -> None:
    """Insert rows, or replace those whose keys are there."""
    columns = encode_columns(table.all_columns, rows)
    if not columns:
        return
    keys, others = [key.name for key in table.keys], [column.name for column in table.columns]
    if connection.dialect.name == "postgresql":
        into = postgresql.insert(stored).from_select(keys + others, _given(stored.columns))
        changed = {name: into.excluded[name] for name in others}
        connection.execute(into.on_conflict_do_update(index_elements=keys, set_=changed), _arrays(stored, columns))
        return
    connection.exec_driver_sql(_put_text(stored, tuple(keys), tuple(others)), list(zip(*columns, strict=True)))


def remove_rows(connection: sa.Connection, table: Table, stored: sa.Table, keys: Iterable[tuple[int, ...]]) -> None:
    """Remove the rows with some keys, where they are there."""
    columns = encode_columns(table.keys, keys)
    if not columns:
        return
    if connection.dialect.name == "postgresql":
        is_given = sa.tuple_(*stored.primary_key).in_(_given(stored.primary_key))
        connection.execute(sa.delete(stored).where(is_given), _arrays(stored, columns))
        return
    connection.exec_driver_sql(_remove_text(stored), list(zip(*columns, strict=True)))


def _arrays(stored: sa.Table, columns: Sequence[Sequence[int | str]]) -> dict[str, str]:
    """Return each column as the text of an array; no digit and no letter of a word needs to be escaped in quotes."""
    names = [column.name for column in stored.columns]
    return {
        name: "{" + ",".join(map('"{}"'.format, values)) + "}" for name, values in zip(names, columns, strict=False)
    }


def _given(columns: Iterable[sa.Column[Any]]) -> sa.Select[Any]:
    """Return what selects rows from the arrays of their columns."""
    columns = list(columns)
    arrays = [sa.cast(sa.bindparam(column.name, type_=sa.Text), sa.ARRAY(column.type)) for column in columns]
    source = sa.func.unnest(*arrays).table_valued(*(column.name for column in columns)).render_derived("given")
    return sa.select(*source.c)


@lru_cache(STATEMENTS_MAX)
def _put_text(stored: sa.Table, keys: tuple[str, ...], others: tuple[str, ...]) -> str:
    """Return what puts one row into a table of SQLite; its marks stand in the order of the columns."""
    insert = sqlite.insert(stored)
    changed = {name: insert.excluded[name] for name in others}
    return str(insert.on_conflict_do_update(index_elements=keys, set_=changed).compile(dialect=sqlite.dialect()))


@lru_cache(STATEMENTS_MAX)
def _remove_text(stored: sa.Table) -> str:
    """Return what removes one row of a table of SQLite; its marks stand in the order of the keys."""
    is_row = [column == sa.bindparam(column.name) for column in stored.primary_key]
    return str(sa.delete(stored).where(*is_row).compile(dialect=sqlite.dialect()))
