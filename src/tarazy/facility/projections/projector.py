"""Bring projections up to date and keep them so: from the events file, from a replay, or beside a running writer.

A projector is a process of its own. It reads what the writer publishes, never talks to it, and may be stopped, killed
or started late: each projection goes on at its own cursor, and passes over what it has.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tarazy.domain.records import RECORD_SIZE
from tarazy.facility.projections.base import Projection
from tarazy.facility.projections.batch import Batch
from tarazy.facility.projections.sql import SqlStore
from tarazy.journal.follow_events import EventsFollower, Lag
from tarazy.journal.frame import Frame, Position
from tarazy.journal.identity import Identity, load_identity
from tarazy.journal.segment import genesis

Progress = Callable[[int], None]
STORE_EVENTS_MAX = 20_000  # so many events go into one transaction at most


class Applied(NamedTuple):
    """What was applied."""

    frames: int = 0
    commands: int = 0
    events: int = 0


def start_position(projections: Sequence[Projection], identity: Identity) -> Position:
    """Return where to read from so that no projection misses a frame: the lowest cursor."""
    lowest = min((projection.cursor for projection in projections), default=None)
    if lowest is None or lowest.frame_number == 0:
        return genesis(identity)
    return Position(lowest.frame_number + 1, lowest.frame_hash, lowest.next_seq)


@contextmanager
def collector_rests() -> Iterator[None]:
    """Keep the collector of cycles from running: there are none in rows, and it would go through millions of them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@collector_rests()
def apply_all(
    pairs: Iterable[tuple[Frame, bytes]],
    projections: Sequence[Projection],
    store: SqlStore | None = None,
    progress: Progress | None = None,
) -> Applied:
    """Apply frames with their events to all projections; with a store, in transactions of bounded size.

    `progress(commands)`. Raises: ProjectionError; what the source raises.
    """
    frames = commands = events_count = waiting = 0
    for frame, events in pairs:
        batch = Batch(frame, events)
        for projection in projections:
            projection.apply_batch(batch)
        frames += 1
        commands += frame.header.command_count
        waiting += len(events) // RECORD_SIZE
        if store is None:
            for projection in projections:
                projection.settle()
        elif waiting >= STORE_EVENTS_MAX:
            store.store(projections)
        if store is None or waiting >= STORE_EVENTS_MAX:
            events_count, waiting = events_count + waiting, 0
            if progress is not None:
                progress(commands)
    if store is not None:
        store.store(projections)
    return Applied(frames, commands, events_count + waiting)


class Projector:
    """Projections that follow a writer. With a store they begin where it has them, and each step is stored."""

    def __init__(self, directory: Path, projections: Sequence[Projection], store: SqlStore | None = None) -> None:
        identity = load_identity(Path(directory))
        self.projections = projections
        self._store = store
        for projection in projections:
            if store is None:
                projection.keep_no_changes()
            else:
                store.attach(projection)
        start = start_position(projections, identity)
        self._follower = EventsFollower(directory, start=start, identity=identity)

    def step(self, timeout_s: float, progress: Progress | None = None) -> Applied:
        """Apply what has become durable; wait for it at most so long. `progress` as for `apply_all`."""
        return apply_all(self._follower.wait(timeout_s), self.projections, self._store, progress)

    def run(self, stopped: threading.Event, step: Callable[[Applied], None] = lambda applied: None) -> None:
        """Go on until told to stop; `step` hears of each step that applied something."""
        while not stopped.is_set():
            applied = self.step(0.5)
            if applied.frames:
                step(applied)

    def lag(self) -> Lag:
        """Return how far the projections are behind the writer."""
        return self._follower.lag()

    def close(self) -> None:
        """Close the files; the store is its owner's to close."""
        self._follower.close()
