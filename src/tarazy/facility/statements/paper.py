"""A paper for a client in words: facts, tables and notes, before it is written in any form."""

from __future__ import annotations

from typing import NamedTuple


class PaperTable(NamedTuple):
    """One table. `widths` are parts of the page's width, one for each column; `numbers` are set flush right."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    numbers: frozenset[str] = frozenset()
    nothing: str = "None."


class Paper(NamedTuple):
    """One paper. `made_ns` is the time that it stands for, UTC nanoseconds: the same paper has the same bytes."""

    title: str
    facility: str
    facts: tuple[tuple[str, str], ...]
    tables: tuple[PaperTable, ...]
    notes: tuple[str, ...]
    made_ns: int
