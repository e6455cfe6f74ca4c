"""Make the events file anew from the journal, in whole or from where it ends, and check it against the journal.

Rebuilding needs an engine, either of the two; checking needs none, because every frame states the digest of its events.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tarazy.domain.engine import Engine
from tarazy.journal.durable_position import PositionReader
from tarazy.journal.errors import BrokenChainError, DamageError, SnapshotError
from tarazy.journal.events_file import EventsFile
from tarazy.journal.events_reader import EventsReader
from tarazy.journal.events_record import EVENTS_SEGMENT_BYTES, EventsError, events_folder, has_record
from tarazy.journal.files import Files, storing
from tarazy.journal.frame import Frame, Position
from tarazy.journal.identity import Identity, load_identity
from tarazy.journal.reader import JournalReader
from tarazy.journal.replay import check_edition, engine_at, replayed
from tarazy.journal.snapshots import snapshot_seqs

Progress = Callable[[int], None]


@dataclass
class EventsReport:
    """What a repair, a rebuild or a check went through; `damage` is the first thing that was not as it should be."""

    frames: int = 0
    commands: int = 0
    events: int = 0
    cut_all: bool = False
    damage: DamageError | None = None

    def count(self, frame: Frame) -> None:
        """Count a frame."""
        self.frames += 1
        self.commands += frame.header.command_count
        self.events += frame.header.event_count


def open_events(
    directory: Path,
    engine_type: type[Engine],
    *,
    identity: Identity | None = None,
    segment_bytes: int = EVENTS_SEGMENT_BYTES,
    files: Files | None = None,
) -> tuple[EventsFile, EventsReport]:
    """Open the events file of a journal that nobody writes to now, and make what is missing at its end.

    What is torn is cut; events of another history are all cut. Costs a replay from the nearest snapshot, where
    something is missing. Raises: DamageError of the journal; StorageError.
    """
    directory = Path(directory)
    identity = identity or load_identity(directory)
    events_file = EventsFile(events_folder(directory), identity, segment_bytes=segment_bytes, files=files)
    report = EventsReport()
    try:
        if not _continues(directory, identity, events_file):
            events_file.cut_all()
            report.cut_all = True
        if _is_behind(directory, identity, events_file):
            _append_missing(directory, engine_type, events_file, report)
    except BaseException:
        events_file.close()
        raise
    return events_file, report


def _continues(directory: Path, identity: Identity, events_file: EventsFile) -> bool:
    """Say whether the last record's frame is in this journal."""
    if events_file.last is None:
        return True
    try:
        JournalReader(directory, start=events_file.last.after, identity=identity)
    except BrokenChainError:
        return False
    return True


def _is_behind(directory: Path, identity: Identity, events_file: EventsFile) -> bool:
    """Say whether the journal has a frame of commands behind the last record."""
    start = None if events_file.last is None else events_file.last.after
    return any(has_record(frame) for frame in JournalReader(directory, start=start, identity=identity))


def _append_missing(directory: Path, engine_type: type[Engine], events_file: EventsFile, report: EventsReport) -> None:
    """Replay from the nearest snapshot and append what the events file does not have."""
    next_seq = events_file.last.after.next_seq if events_file.last else 1
    engine, reader = _engine_before(directory, engine_type, next_seq)
    last_frame = events_file.last.frame_number if events_file.last else 0
    for frame, events in replayed(directory, reader, engine):
        if has_record(frame) and frame.header.frame_number > last_frame:
            events_file.append(frame, events)
            report.count(frame)


def _engine_before(directory: Path, engine_type: type[Engine], next_seq: int) -> tuple[Engine, JournalReader]:
    """Return the engine of the newest usable snapshot before a command, and the reader that goes on behind it."""
    for seq in reversed([seq for seq in snapshot_seqs(directory) if seq < next_seq]):
        with contextlib.suppress(SnapshotError):
            return engine_at(directory, engine_type, seq)[:2]
    return engine_at(directory, engine_type, 0)[:2]


def rebuild_events(
    directory: Path,
    engine: Engine,
    progress: Progress | None = None,
    *,
    segment_bytes: int = EVENTS_SEGMENT_BYTES,
) -> EventsReport:
    """Make the whole events file anew by a replay, beside the old one, then put it in its place.

    The caller holds the facility's lock. `progress(commands)`. Raises: DamageError of the journal; StorageError.
    """
    directory = Path(directory)
    reader = JournalReader(directory)
    check_edition(reader.directory, reader.identity, engine)
    folder = events_folder(directory)
    fresh, old = folder.with_name(folder.name + ".new"), folder.with_name(folder.name + ".old")
    with storing(fresh, "remove what an earlier rebuild left"):
        for left_over in (fresh, old):
            if left_over.exists():
                shutil.rmtree(left_over)
    events_file, report = EventsFile(fresh, reader.identity, segment_bytes=segment_bytes), EventsReport()
    try:
        for frame, events in replayed(reader.directory, reader, engine):
            events_file.append(frame, events)
            if has_record(frame):
                report.count(frame)
            if progress is not None:
                progress(report.commands)
    finally:
        events_file.close()
    with storing(folder, "put the events files in their place"):
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
        if old.exists():
            shutil.rmtree(old)
    return report


def check_events(directory: Path, progress: Progress | None = None) -> EventsReport:
    """Compare the events file with every frame of the journal; needs no engine. `progress(commands)`."""
    reader, report = JournalReader(directory), EventsReport()
    with EventsReader(directory, reader.identity) as events:
        try:
            for frame in filter(has_record, reader):
                if events.read(frame) is None:
                    raise missing_error(events, frame)
                report.count(frame)
                if progress is not None:
                    progress(report.commands)
        except DamageError as damage:
            report.damage = damage
    return report


def recorded(directory: Path, *, start: Position | None = None) -> Iterator[tuple[Frame, bytes]]:
    """Iterate over the frames of a journal with the events of its events file, up to what is durable beside a writer.

    Raises: EventsError where the events file ends too early; DamageError; StorageError.
    """
    directory = Path(directory)
    identity = load_identity(directory)
    with PositionReader(directory, identity.facility_id) as positions, EventsReader(directory, identity) as reader:
        last_frame = positions.read().frame_number if positions.writer_lives() else None
        for frame in JournalReader(directory, start=start, identity=identity, last_frame=last_frame):
            events = reader.read(frame) if has_record(frame) else b""
            if events is None:
                raise missing_error(reader, frame)
            yield frame, events


def missing_error(reader: EventsReader, frame: Frame) -> EventsError:
    """Return the error for a frame whose events are not there."""
    number = frame.header.frame_number
    found = f"the end of the events behind frame {number - 1}"
    return EventsError(reader.folder, expected=f"the events of frame {number}", found=found, frame=number)
