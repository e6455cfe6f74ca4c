"""Heads: signed notes about the tree of all frames so far, at a bounded distance in commands and in time.

Whoever holds a head can prove later what was in the journal when it was signed. What no head covers yet is only
chained, so the distance is bounded: in commands while there is traffic, in time after the last of it, and at the close.
A facility without traffic writes none.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from tarazy.facility.sequencer.signer import FacilitySigner
from tarazy.journal.frame import FrameDraft, FrameKind, Written
from tarazy.journal.merkle import Frontier
from tarazy.journal.note import sign_head

HEAD_COMMANDS_MAX = 100_000
HEAD_INTERVAL_S = 10.0


class Heads:
    """Keep the tree's frontier, and what was written since the last head.

    Shape: `frontier` holds the hashes of all frames that are durable; `unsigned_*` what the last head does not cover.
    """

    def __init__(
        self,
        facility_id: bytes,
        signer: FacilitySigner,
        frontier: Frontier,
        *,
        unsigned_commands: int = 0,
        unsigned_frames: int = 0,
        commands_max: int = HEAD_COMMANDS_MAX,
        interval_s: float = HEAD_INTERVAL_S,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.frontier = frontier
        self.interval_s = interval_s
        self.unsigned_commands = unsigned_commands
        self.unsigned_frames = unsigned_frames
        self._facility_id = facility_id
        self.signer = signer
        self._commands_max = commands_max
        self._clock_s = clock_s
        self._since_s = clock_s()

    def add(self, kind: int, written: Written) -> None:
        """Take a durable frame into the tree."""
        self.frontier.append(written.frame_hash)
        if kind == FrameKind.head:
            self.unsigned_commands = self.unsigned_frames = 0
            return
        if self.unsigned_commands == 0:
            self._since_s = self._clock_s()
        self.unsigned_frames += 1
        self.unsigned_commands += written.header.command_count

    @property
    def is_due(self) -> bool:
        """Say whether commands have waited long enough, or are enough, for the next head."""
        if self.unsigned_commands == 0:
            return False
        return self.unsigned_commands >= self._commands_max or self._clock_s() - self._since_s >= self.interval_s

    def draft(self) -> FrameDraft:
        """Return the next head: it covers all frames so far."""
        note = sign_head(self._facility_id, self.frontier.size, self.frontier.root(), self.signer)
        return FrameDraft(FrameKind.head, note)
