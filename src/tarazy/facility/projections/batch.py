"""One frame with its events, decoded once for all projections of a process."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from tarazy.domain.records import EVENTS, RECORD_SIZE
from tarazy.journal.frame import Frame

_UNPACK = {int(kind): record.unpack for kind, record in EVENTS.items()}
_TIME_AT = 1


class Batch:
    """A frame and what its commands caused. Decoding is put off until a projection asks."""

    def __init__(self, frame: Frame, events: bytes) -> None:
        self.frame = frame
        self.events = events

    @cached_property
    def records(self) -> list[tuple[int, Any]]:
        """Return kind and record of each event, in order."""
        events, unpack = self.events, _UNPACK
        kinds = np.frombuffer(events, "<u2")[:: RECORD_SIZE // 2].tolist()
        offsets = range(0, len(events), RECORD_SIZE)
        return [(kind, unpack[kind](events, offset)) for kind, offset in zip(kinds, offsets, strict=True)]

    @cached_property
    def times_ns(self) -> list[int]:
        """Return the time of each command, and so of its events; none in a statement or a head."""
        if not self.frame.header.command_count:
            return []
        times: list[int] = np.frombuffer(self.frame.commands, "<u8")[_TIME_AT :: RECORD_SIZE // 8].tolist()
        return times
