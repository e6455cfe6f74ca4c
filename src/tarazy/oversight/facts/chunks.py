"""Rows of a fact table as columns of numpy, cut from the events of one frame in place."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tarazy.domain.records import EVENTS, LAYOUT, RECORD_SIZE, EventKind
from tarazy.journal.frame import Frame
from tarazy.journal.tables import events_of, kinds
from tarazy.oversight.facts.tables import ORDER_COMMANDS, FactTable

Column = npt.NDArray[Any]
FactChunk = dict[str, Column]


class FrameEvents:
    """A frame of commands with its events, read once for all tables."""

    def __init__(self, frame: Frame, events: bytes) -> None:
        self.frame = frame
        self.events = events
        self.kinds = set(np.unique(kinds(events)).tolist()) if events else set()
        self.times_ns = np.frombuffer(frame.commands, "<u8")[1 :: RECORD_SIZE // 8]
        self._cut: dict[int, npt.NDArray[np.void]] = {}

    def of_kind(self, kind: EventKind) -> npt.NDArray[np.void] | None:
        """Return the events of a kind, None where there are none."""
        if int(kind) not in self.kinds:
            return None
        if kind not in self._cut:
            self._cut[kind] = events_of(self.events, kind)
        return self._cut[kind]

    def chunk(self, table: FactTable) -> FactChunk | None:
        """Return the rows of a table in the order of its kinds of event, None where there are none."""
        parts = [self._part(table, kind) for kind in table.sources if int(kind) in self.kinds]
        found = [part for part in parts if part is not None and len(part["seq"])]
        if not found:
            return None
        return {column: np.concatenate([part[column] for part in found]) for column in table.wide_columns()}

    def _part(self, table: FactTable, kind: EventKind) -> FactChunk | None:
        """Return the rows that one kind of event gives."""
        rows = self.of_kind(kind)
        if rows is not None and kind is EventKind.command_rejected:
            rows = rows[np.isin(rows["command_kind"], ORDER_COMMANDS)]
        if rows is None:
            return None
        there = {field: wire for field, wire, *_ in LAYOUT[EVENTS[kind].__name__]}
        count, stated = len(rows), table.sources[kind]
        seq = rows["seq"].astype(np.uint64)
        places = (seq - np.uint64(self.frame.header.first_seq)).astype(np.int64)
        chunk: FactChunk = {"seq": seq, "ts_ns": self.times_ns[places], "grade": np.full(count, table.grade, np.uint8)}
        for column in table.columns:
            for name in (f"{column}_low", f"{column}_high") if column in table.wide() else (column,):
                chunk[name] = _column(rows, name, column in there, stated.get(column, 0), column in table.hashes())
        return chunk


def _column(rows: npt.NDArray[np.void], name: str, is_there: bool, otherwise: int, is_hash: bool) -> Column:
    """Return one column: of the event, or of what the table states."""
    if is_hash:
        return rows[name] if is_there else np.zeros(len(rows), "V32")
    if is_there and not otherwise:
        return rows[name].astype(np.uint64)
    return np.full(len(rows), otherwise, np.uint64)


def chunk_of_rows(table: FactTable, rows: list[tuple[Any, ...]], seq: int, ts_ns: int) -> FactChunk:
    """Return rows that were read from a state or a statement as a chunk; values in the order of the columns."""
    count = len(rows)
    chunk: FactChunk = {
        "seq": np.full(count, seq, np.uint64),
        "ts_ns": np.full(count, ts_ns, np.uint64),
        "grade": np.full(count, table.grade, np.uint8),
    }
    for column, values in zip(table.columns, zip(*rows, strict=True), strict=True):
        if column in table.wide():
            chunk[f"{column}_low"] = np.array([value & MASK for value in values], np.uint64)
            chunk[f"{column}_high"] = np.array([value >> 64 for value in values], np.uint64)
        elif column in table.hashes():
            chunk[column] = np.frombuffer(b"".join(values), "V32")
        else:
            chunk[column] = np.array(values, np.uint64)
    return chunk


MASK = (1 << 64) - 1
