"""Fact tables as Parquet, one file for each, written in row groups while they stream by; and read back as chunks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tarazy.journal.files import reading, storing
from tarazy.oversight.facts.chunks import FactChunk
from tarazy.oversight.facts.tables import TABLES

ROW_GROUP = 1 << 18
HASH_BYTES = 32


class FactWriter:
    """Parquet files of all tables in one folder, each opened with its first row."""

    def __init__(self, folder: Path, source: str) -> None:
        with storing(folder, "make the folder"):
            folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._source = source
        self._waiting: dict[str, list[FactChunk]] = {}
        self._writers: dict[str, pq.ParquetWriter] = {}
        self.rows: dict[str, int] = {}

    def add(self, table: str, chunk: FactChunk) -> None:
        """Take a chunk; write when a row group is full."""
        waiting = self._waiting.setdefault(table, [])
        waiting.append(chunk)
        self.rows[table] = self.rows.get(table, 0) + len(chunk["seq"])
        if sum(len(each["seq"]) for each in waiting) >= ROW_GROUP:
            self._flush(table)

    def _flush(self, table: str) -> None:
        """Write what waits of a table as one row group."""
        parts = self._waiting.pop(table)
        columns = {name: _arrow(np.concatenate([part[name] for part in parts])) for name in parts[0]}
        rows = pa.table(columns).replace_schema_metadata({"source": self._source, "means": TABLES[table].means})
        path = self._folder / f"{table}.parquet"
        with storing(path, "write the table"):
            if table not in self._writers:
                self._writers[table] = pq.ParquetWriter(path, rows.schema, compression="zstd")
            self._writers[table].write_table(rows)

    def close(self) -> dict[str, int]:
        """Write the rest and every footer; return how many rows each table has."""
        for table in list(self._waiting):
            self._flush(table)
        for table, writer in self._writers.items():
            with storing(self._folder / f"{table}.parquet", "close the table"):
                writer.close()
        return self.rows


def _arrow(values: Any) -> Any:
    """Return a column as Arrow: integers as they are, hashes as bytes of one width."""
    if values.dtype.kind != "V":
        return pa.array(values)
    buffer = pa.py_buffer(np.ascontiguousarray(values).tobytes())
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(HASH_BYTES), len(values), [None, buffer])


def stored_chunks(folder: Path) -> Iterator[tuple[str, FactChunk]]:
    """Yield the chunks of every stored table, in the order in which counts need them."""
    for table in TABLES:
        path = folder / f"{table}.parquet"
        if not path.exists():
            continue
        with reading(path, "read the table"):
            for batch in pq.ParquetFile(path).iter_batches(ROW_GROUP):
                yield table, {name: _numpy(batch.column(name)) for name in batch.schema.names}


def _numpy(column: Any) -> Any:
    if pa.types.is_fixed_size_binary(column.type):
        return np.frombuffer(b"".join(column.to_pylist()), f"V{HASH_BYTES}")
    return column.to_numpy()
