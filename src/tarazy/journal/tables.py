"""Records as numpy tables: the bytes of a frame are read in place, without parsing.

`numpy` has no 128-bit integer, so a field of that width is two columns, `name_low` and `name_high`:
value = low + high * 2^64. Everything else keeps its name, its unit and its width.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from tarazy.domain.records import COMMANDS, EVENTS, LAYOUT, RECORD_SIZE

_FORMATS = {"u8": "u1", "u16": "<u2", "u32": "<u4", "u64": "<u8", "ascii16": "S16", "bytes32": "V32"}

Table = npt.NDArray[np.void]


@cache
def record_dtype(name: str) -> np.dtype[np.void]:
    """Return the numpy type of a record: `PlaceOrder`, `TradeExecuted` and so on."""
    names, formats, offsets = ["kind"], ["<u2"], [0]
    for field, wire, _, offset in LAYOUT[name]:
        for column, form, at in _columns(field, wire, offset):
            names.append(column)
            formats.append(form)
            offsets.append(at)
    spec: Any = {"names": names, "formats": formats, "offsets": offsets, "itemsize": RECORD_SIZE}
    dtype: np.dtype[np.void] = np.dtype(spec)
    return dtype


def _columns(field: str, wire: str, offset: int) -> list[tuple[str, str, int]]:
    """Return name, format and offset of the columns of one field."""
    if wire == "u128":
        return [(f"{field}_low", "<u8", offset), (f"{field}_high", "<u8", offset + 8)]
    return [(field, _FORMATS[wire], offset)]


def kinds(records: bytes) -> npt.NDArray[np.uint16]:
    """Return the kind of each record."""
    return np.frombuffer(records, "<u2").reshape(-1, RECORD_SIZE // 2)[:, 0]


def commands_of(records: bytes, kind: int) -> Table:
    """Return the commands of one kind as a table, in order."""
    return _rows(records, COMMANDS[kind].__name__, kind)


def events_of(records: bytes, kind: int) -> Table:
    """Return the events of one kind as a table, in order."""
    return _rows(records, EVENTS[kind].__name__, kind)


def _rows(records: bytes, name: str, kind: int) -> Table:
    """Return the records of one kind under their type."""
    rows: Table = np.frombuffer(records, record_dtype(name))[kinds(records) == kind]
    return rows


def wide(table: Table, field: str) -> list[int]:
    """Return a 128-bit column as Python integers."""
    low, high = table[f"{field}_low"].tolist(), table[f"{field}_high"].tolist()
    return [lo | hi << 64 for lo, hi in zip(low, high, strict=True)]
