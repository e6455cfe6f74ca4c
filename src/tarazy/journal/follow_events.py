"""Follow frames together with their events: what a projection in another process lives on.

The follower of the journal says which frames are durable; the events file has what they caused. A frame is handed out
when both are there. The writer puts the events down before it publishes the frame, so normally they are; where the
events file stands still, because its writer failed, `lag` says how far, and the frames wait.
"""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from tarazy.journal.events_reader import EventsReader
from tarazy.journal.events_record import has_record
from tarazy.journal.follow import Follower, Pauses
from tarazy.journal.frame import Frame, Position
from tarazy.journal.identity import Identity, load_identity

WAITING_FRAMES_MAX = 1024


class Lag(NamedTuple):
    """How far a follower is behind: frames without their events, and frames that are durable but not read."""

    without_events: int
    not_read: int
    writer_lives: bool


class EventsFollower:
    """The frames behind a position with their events, as they become durable."""

    def __init__(self, directory: Path, *, start: Position | None = None, identity: Identity | None = None) -> None:
        identity = identity or load_identity(Path(directory))
        self.frames = Follower(directory, start=start, identity=identity)
        self.events = EventsReader(directory, identity)
        self._waiting: deque[Frame] = deque()
        self._pauses = Pauses()

    def poll(self) -> list[tuple[Frame, bytes]]:
        """Return the next frames with their events; a statement or a head has none.

        Raises: DamageError (EventsError where the events are not the frame's); StorageError.
        """
        if len(self._waiting) < WAITING_FRAMES_MAX:
            self._waiting += self.frames.poll()
        found: list[tuple[Frame, bytes]] = []
        while self._waiting:
            frame = self._waiting[0]
            events = self.events.read(frame) if has_record(frame) else b""
            if events is None:
                break
            found.append((frame, events))
            self._waiting.popleft()
        return found

    def wait(self, timeout_s: float) -> list[tuple[Frame, bytes]]:
        """Return the next frames with their events, waiting for them at most so long."""
        deadline = time.monotonic() + timeout_s
        self._pauses.reset()
        while not (found := self.poll()):
            if not self._pauses.wait(deadline):
                break
        return found

    def lag(self) -> Lag:
        """Return how far this follower is behind the writer."""
        positions = self.frames.positions
        not_read = positions.read().frame_number + 1 - self.frames.position.frame_number
        return Lag(len(self._waiting), max(not_read, 0), positions.writer_lives())

    def close(self) -> None:
        """Close the files."""
        self.frames.close()
        self.events.close()

    def __enter__(self) -> EventsFollower:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
