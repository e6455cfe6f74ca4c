"""One frame with its events, from which each projection reads the fields that it needs, in bulk.

A frame may hold thousands of events of a few kinds. All events of one kind are cut out at once and read in one pass
that steps over the fields nobody asked for; making a record of each event costs several times as much. Only a kind
that is asked for as a whole, or an amount of more than 64 bits, takes the longer way.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable
from functools import cache, cached_property
from operator import attrgetter
from typing import Any

import numpy as np

from tarazy.domain.records import EVENTS, LAYOUT, RECORD_SIZE
from tarazy.journal.frame import Frame

Mask = np.ndarray[Any, np.dtype[np.bool_]]
Places = np.ndarray[Any, np.dtype[np.intp]]
_KINDS = 1 << 16
_TIME_AT = 1
_RAW = np.dtype((np.void, RECORD_SIZE))
_WORDS = RECORD_SIZE // 8
_CODES = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "u128": "Q8x"}
_SIZES = {"u8": 1, "u16": 2, "u32": 4, "u64": 8, "u128": 16}


def kinds_mask(kinds: Collection[int]) -> Mask:
    """Return a table that says of each number whether it is one of some kinds."""
    mask = np.zeros(_KINDS, bool)
    mask[list(kinds)] = True
    return mask


_KNOWN = kinds_mask([int(kind) for kind in EVENTS])


@cache
def _reader(kind: int, names: tuple[str, ...]) -> tuple[struct.Struct, list[int]]:
    """Return what reads some integer fields of an event, and which words of 8 bytes must be zero for that.

    Raises: ValueError for fields that are not integers of this kind, or not in the order of the record.
    """
    record = EVENTS[kind].__name__
    form, at, upper = "<", 0, []
    fields = [field for field in LAYOUT[record] if field[0] in names and field[1] in _CODES]
    if tuple(field[0] for field in fields) != names:
        raise ValueError(f"expected integer fields of {record} in its order, found {', '.join(names)}")
    for _, wire, _, offset in fields:
        form += f"{offset - at}x{_CODES[wire]}"
        at = offset + _SIZES[wire]
        if wire == "u128":
            upper.append(offset // 8 + 1)
    return struct.Struct(f"{form}{RECORD_SIZE - at}x"), upper


class Batch:
    """A frame and what its commands caused.

    Raises: KeyError for a kind of event that this software does not know.
    """

    def __init__(self, frame: Frame, events: bytes) -> None:
        self.frame = frame
        self.events = events
        self.kinds = np.frombuffer(events, "<u2")[:: RECORD_SIZE // 2]
        if not _KNOWN[self.kinds].all():
            raise KeyError(f"expected kinds of event that are known, found {self.kinds[~_KNOWN[self.kinds]][0]}")
        self._cut: dict[int, bytes] = {}

    def of_kind(self, kind: int) -> bytes:
        """Return all events of a kind, in order."""
        found = self._cut.get(kind)
        if found is None:
            found = self._cut[kind] = np.frombuffer(self.events, _RAW)[self.kinds == kind].tobytes()
        return found

    def rows(self, kind: int, names: tuple[str, ...]) -> Iterable[tuple[int, ...]]:
        """Return some integer fields of all events of a kind, in order; `names` in the order of the record."""
        reader, upper = _reader(kind, names)
        events = self.of_kind(kind)
        if not events:
            return ()
        if upper and np.frombuffer(events, "<u8").reshape(-1, _WORDS)[:, upper].any():
            fields = attrgetter(*names)
            return [fields(record) if len(names) > 1 else (fields(record),) for record in self.records(kind)]
        return reader.iter_unpack(events)

    def records(self, kind: int) -> list[Any]:
        """Return all events of a kind as records, in order."""
        unpack = EVENTS[kind].unpack
        events = self.of_kind(kind)
        return [unpack(events, offset) for offset in range(0, len(events), RECORD_SIZE)]

    def places(self, mask: Mask) -> Places:
        """Return the places of the events that are of one of the kinds in a mask, in order."""
        return np.flatnonzero(mask[self.kinds])

    def between(self, kind: int, places: Places) -> list[int]:
        """Return how many events of a kind come before the first of some places, between each two, and behind."""
        passed = np.searchsorted(np.flatnonzero(self.kinds == kind), places)
        counts: list[int] = np.diff(passed, prepend=0, append=np.count_nonzero(self.kinds == kind)).tolist()
        return counts

    @cached_property
    def times_ns(self) -> list[int]:
        """Return the time of each command, and so of its events; none in a statement or a head."""
        if not self.frame.header.command_count:
            return []
        times: list[int] = np.frombuffer(self.frame.commands, "<u8")[_TIME_AT :: RECORD_SIZE // 8].tolist()
        return times
