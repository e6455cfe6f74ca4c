"""Tables of a projection: rows by key in memory, with what changed since they were last stored.

A row that will not change any more is *finished*. In memory at most `history_max` finished rows stay (None: all), the
oldest go first; a store that keeps them elsewhere lets them go at once. The canonical export is text: one line a row in
the order of keys, integers in decimal, so that two tables are equal exactly when their lines are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import Any, NamedTuple
from urllib.parse import quote, unquote


class Width(Enum):
    """How wide a column is: 63 bits fit every database, wider integers are stored as padded decimal text.

    `text` holds a word: no white space in it and never empty (`word` makes one of any text).
    """

    u63 = 0
    u64 = 20
    u128 = 39
    text = -1


def word(text: str) -> str:
    """Return a text as a word for a column: what is neither letter, digit nor one of `_.-~:/` is percent-encoded.

    An empty text is `-`, so that a text of that one character is encoded too.
    """
    return "%2D" if text == "-" else quote(text, safe=":/") or "-"


def text_of(word: str) -> str:
    """Return the text that a word stands for."""
    return "" if word == "-" else unquote(word)


class Column(NamedTuple):
    """Name and width of a column of integers, or of words."""

    name: str
    width: Width = Width.u63


Key = Any  # an int, or a tuple of them where the key has several columns
Row = Any  # a list or tuple of ints and words, without the key


class Table:
    """Rows by key. `indexes` are columns by which a store is asked besides the key."""

    def __init__(
        self,
        name: str,
        keys: Iterable[Column],
        columns: Iterable[Column],
        *,
        open_where: str = "",
        indexes: Iterable[tuple[str, ...]] = (),
    ) -> None:
        self.name = name
        self.keys = tuple(keys)
        self.columns = tuple(columns)
        self.open_where = open_where
        self.indexes = tuple(indexes)
        self.rows: dict[Key, Row] = {}
        self.touched: set[Key] = set()
        self.touch: Callable[[Key], None] = self.touched.add
        self.touch_all: Callable[[Iterable[Key]], None] = self.touched.update
        self.finished: deque[Key] = deque()
        self.history_max: int | None = None

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """Return the key's columns and the others."""
        return self.keys + self.columns

    def put(self, key: Key, row: Row) -> None:
        """Set a row."""
        self.rows[key] = row
        self.touch(key)

    def drop(self, key: Key) -> None:
        """Remove a row."""
        del self.rows[key]
        self.touch(key)

    def finish(self, key: Key) -> None:
        """Say that a row will not change any more."""
        self.finished.append(key)

    def finish_all(self, keys: Iterable[Key]) -> None:
        """Say that rows will not change any more."""
        self.finished.extend(keys)

    def keep_no_changes(self) -> None:
        """Do not note what changes: nobody stores it."""
        nowhere = deque[Key](maxlen=0)
        self.touch, self.touch_all = nowhere.append, nowhere.extend

    def tell_changes(self, note: Callable[[Key], None]) -> None:
        """Say each key that changes, and keep none."""

        def note_all(keys: Iterable[Key]) -> None:
            for key in keys:
                note(key)

        self.touch, self.touch_all = note, note_all

    def settle(self) -> None:
        """Let old history go."""
        if self.history_max is not None:
            while len(self.finished) > self.history_max:
                del self.rows[self.finished.popleft()]

    def evict(self) -> None:
        """Let all finished rows go: they are stored."""
        self.touched.clear()
        while self.finished:
            del self.rows[self.finished.popleft()]

    def full_rows(self, keys: Iterable[Key]) -> Iterator[tuple[int, ...]]:
        """Iterate over the rows with some keys: each the key's numbers and the row's."""
        rows = self.rows
        if len(self.keys) == 1:
            return ((key, *rows[key]) for key in keys)
        return ((*key, *rows[key]) for key in keys)

    def sorted_rows(self) -> Iterator[tuple[int, ...]]:
        """Iterate over all rows in the order of keys."""
        return self.full_rows(sorted(self.rows))


def export_lines(table: Table, rows: Iterable[tuple[int, ...]]) -> Iterator[str]:
    """Return the canonical text of a table: its name with its columns, then a line for each row."""
    yield f"{table.name} {' '.join(column.name for column in table.all_columns)}\n"
    for row in rows:
        yield " ".join(map(str, row)) + "\n"
