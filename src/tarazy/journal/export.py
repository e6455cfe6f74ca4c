"""Export a journal as Parquet, one file per kind of command and event, all integers.

Columns are the record's fields (docs/reference/records.md) with these additions: commands get `seq`; events get
`event_number`, their place in the whole record from 0, which orders them across files; an enum field has a second
column `<field>_name`; a 128-bit field is `<field>_low` and `<field>_high` (value = low + high * 2^64), because no
decimal type that analytics tools share holds 39 digits. Commands of an unknown kind go to `commands/unknown.parquet`.
Memory is flat: rows are written in groups as the frames stream by.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from tarazy.domain import records, reject_codes
from tarazy.domain.engine import Engine
from tarazy.domain.records import COMMANDS, EVENTS, LAYOUT, RECORD_SIZE, CommandKind, EventKind
from tarazy.journal.files import storing
from tarazy.journal.frame import FrameKind
from tarazy.journal.reader import JournalReader
from tarazy.journal.replay import check_edition, replayed
from tarazy.journal.tables import kinds, record_dtype

ROW_GROUP = 1 << 16
UNKNOWN = "unknown"

Numbers = npt.NDArray[np.uint64]
Progress = Callable[[int], None]


@dataclass
class ExportReport:
    """What an export wrote: rows per file, by the file's path below the folder."""

    rows: dict[str, int] = field(default_factory=dict)
    commands: int = 0
    events: int = 0


def export_parquet(
    directory: Path, out: Path, engine: Engine | None = None, progress: Progress | None = None
) -> ExportReport:
    """Write the commands of a journal, and with an engine also their events, to `out`.

    The events are derived again by the engine and compared with the record on the way. `progress(commands)`.
    Raises: DamageError (what was written until then is whole), StorageError.
    """
    reader = JournalReader(directory)
    report = ExportReport()
    commands = _Side(Path(out) / "commands", COMMANDS, CommandKind, "seq")
    events = _Side(Path(out) / "events", EVENTS, EventKind, "event_number")
    if engine is not None:
        check_edition(reader.directory, reader.identity, engine)
    try:
        pairs = replayed(reader.directory, reader, engine) if engine is not None else ((frame, b"") for frame in reader)
        for frame, event_bytes in pairs:
            if frame.header.kind != FrameKind.commands:
                continue
            commands.add(frame.commands, frame.header.first_seq)
            events.add(event_bytes, report.events)
            report.commands += frame.header.command_count
            report.events += len(event_bytes) // RECORD_SIZE
            if progress is not None:
                progress(report.commands)
    finally:
        report.rows = {**commands.close(), **events.close()}
    return report


class _Side:
    """The files of one side, commands or events."""

    def __init__(self, folder: Path, classes: dict[int, Any], kind_enum: type[IntEnum], number_column: str) -> None:
        with storing(folder, "make the folder"):
            folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._number_column = number_column
        self._names = {kind: (kind_enum(kind).name, cls.__name__) for kind, cls in classes.items()}
        self._files: dict[int, _KindFile] = {}

    def add(self, data: bytes, first_number: int) -> None:
        """Sort records to their files."""
        if not data:
            return
        found = kinds(data)
        numbers = np.arange(first_number, first_number + len(found), dtype=np.uint64)
        rows = np.frombuffer(data, np.dtype((np.void, RECORD_SIZE)))
        known = np.isin(found, list(self._names))
        for kind in np.unique(np.where(known, found, 0)).tolist():
            mask = found == kind if kind else ~known
            self._file(kind).add(rows[mask], numbers[mask])

    def _file(self, kind: int) -> _KindFile:
        """Return the file of a kind, opened when its first record comes."""
        if kind not in self._files:
            file_name, record = self._names.get(kind, (UNKNOWN, UNKNOWN))
            self._files[kind] = _KindFile(self._folder / f"{file_name}.parquet", record, self._number_column)
        return self._files[kind]

    def close(self) -> dict[str, int]:
        """Write what is left; return rows per file."""
        closed = {kind: file.close() for kind, file in sorted(self._files.items())}
        folder = self._folder.name
        return {f"{folder}/{self._files[kind].path.name}": rows for kind, rows in closed.items()}


class _KindFile:
    """One Parquet file, filled in row groups."""

    def __init__(self, path: Path, record: str, number_column: str) -> None:
        self.path = path
        self._record = record
        self._number_column = number_column
        self._chunks: list[npt.NDArray[np.void]] = []
        self._numbers: list[Numbers] = []
        self._waiting = self._written = 0
        self._writer: pq.ParquetWriter | None = None

    def add(self, rows: npt.NDArray[np.void], numbers: Numbers) -> None:
        """Take records; write when a row group is full."""
        self._chunks.append(rows)
        self._numbers.append(numbers)
        self._waiting += len(rows)
        if self._waiting >= ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        """Write what waits as one row group."""
        rows, numbers = np.concatenate(self._chunks), np.concatenate(self._numbers)
        table = record_table(self._record, rows, numbers, self._number_column)
        with storing(self.path, "write the table"):
            if self._writer is None:
                self._writer = pq.ParquetWriter(self.path, table.schema, compression="zstd")
            self._writer.write_table(table)
        self._written += len(rows)
        self._chunks, self._numbers, self._waiting = [], [], 0

    def close(self) -> int:
        """Write the rest and the file's footer; return how many rows it has."""
        if self._waiting:
            self._flush()
        if self._writer is not None:
            with storing(self.path, "close the table"):
                self._writer.close()
        return self._written


def record_table(record: str, rows: npt.NDArray[np.void], numbers: Numbers, number_column: str) -> pa.Table:
    """Return records of one kind as an Arrow table."""
    columns: dict[str, Any] = {number_column: pa.array(numbers)}
    if record == UNKNOWN:
        columns["record"] = _fixed_binary(rows, RECORD_SIZE)
        return pa.table(columns)
    table = rows.view(record_dtype(record))
    for name, wire, enum, _ in LAYOUT[record]:
        for column in (f"{name}_low", f"{name}_high") if wire == "u128" else (name,):
            columns[column] = _column(np.ascontiguousarray(table[column]), wire)
        if enum is not None:
            columns[f"{name}_name"] = _enum_names(table[name], enum)
    return pa.table(columns)


def _column(values: npt.NDArray[Any], wire: str) -> Any:
    """Return one column as Arrow."""
    if wire == "bytes32":
        return _fixed_binary(values, 32)
    if wire == "ascii16":
        return pa.array([value.decode("ascii", "backslashreplace") for value in values.tolist()], pa.string())
    return pa.array(values)


def _fixed_binary(values: npt.NDArray[Any], width: int) -> Any:
    """Return byte strings of one width as Arrow, without a copy per value."""
    buffer = pa.py_buffer(np.ascontiguousarray(values).tobytes())
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(values), [None, buffer])


def _enum_names(values: npt.NDArray[Any], enum: str) -> Any:
    """Return the names of enum values; a number that is not in the list has none."""
    members: list[IntEnum] = list(getattr(records, enum, None) or getattr(reject_codes, enum))
    codes = np.array([member.value for member in members])
    order = np.argsort(codes)
    place = order[np.searchsorted(codes, values, sorter=order).clip(max=len(codes) - 1)]
    indices = pa.array(place.astype(np.int32), mask=codes[place] != values)
    return pa.DictionaryArray.from_arrays(indices, pa.array([member.name for member in members], pa.string()))
