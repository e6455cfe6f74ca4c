"""Write the events file: one record for each frame of commands, in order, behind what is there.

Nothing is synced while it grows: an engine can make it again. A segment is synced when the next one begins, and the
writer waits for that before it begins the one after; so a power cut hurts the last two segments at most, and a start
looks at these two alone.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from tarazy.domain.records import RECORD_SIZE
from tarazy.journal.events_record import (
    EVENTS_HEADER_SIZE,
    EVENTS_RECORD_SIZE,
    EVENTS_SEGMENT_BYTES,
    EventsError,
    EventsRecord,
    decode_record,
    encode_segment,
    events_path,
    events_segments,
    has_record,
    is_segment_of,
    record_of,
)
from tarazy.journal.files import Files, reading, storing
from tarazy.journal.frame import Frame
from tarazy.journal.identity import Identity
from tarazy.journal.opening import open_plain, read_fully

UNSYNCED_SEGMENTS_MAX = 2


class EventsFile:
    """Append the events of frames. One writer for each folder; the caller holds the facility's lock."""

    def __init__(
        self,
        folder: Path,
        identity: Identity,
        *,
        segment_bytes: int = EVENTS_SEGMENT_BYTES,
        files: Files | None = None,
    ) -> None:
        self.folder = Path(folder)
        self._identity = identity
        self._segment_bytes = segment_bytes
        self._files = files or Files()
        self._files.make_folder(self.folder)
        self._fd: int | None = None
        self._path = self.folder
        self._offset = 0
        self._syncing: threading.Thread | None = None
        self.last = self._repair()
        self._next_seq = self.last.next_seq if self.last else 1

    # ------------------------------------------------------------ appending
    def append(self, frame: Frame, events: bytes) -> None:
        """Append what a frame caused; a frame of no commands is passed over.

        Raises: EventsError for a frame that does not follow; StorageError.
        """
        if not has_record(frame):
            return
        record = record_of(frame)
        if record.first_seq != self._next_seq or len(events) != record.event_count * RECORD_SIZE:
            raise self._does_not_follow(record, events)
        size = EVENTS_RECORD_SIZE + len(events)
        is_full = self._offset > EVENTS_HEADER_SIZE and self._offset + size > self._segment_bytes
        if self._fd is None or is_full:  # every segment holds at least one record
            self._begin(record.frame_number)
        assert self._fd is not None  # noqa: S101 - a segment was begun
        self._files.write(self._fd, self._path, (record.encode(), events), self._offset)
        self._offset += size
        self.last, self._next_seq = record, record.next_seq

    def _does_not_follow(self, record: EventsRecord, events: bytes) -> EventsError:
        """Return the error for a frame whose commands do not follow those of the last one, or for other events."""
        return EventsError(
            self._path,
            expected=f"a frame with command {self._next_seq} and its {record.event_count} events",
            found=f"frame {record.frame_number} with command {record.first_seq} and {len(events)} bytes of events",
            frame=record.frame_number,
        )

    def _begin(self, first_frame: int) -> None:
        """Begin a segment. It gets its name with its header in it; the one before is synced by a thread."""
        path = events_path(self.folder, first_frame)
        temporary = path.with_suffix(".new")
        fd = self._files.open(temporary, create=True)
        self._files.write(fd, temporary, [encode_segment(self._identity, first_frame, self._segment_bytes)], 0)
        self._files.rename(temporary, path)
        old, old_path, self._fd, self._path, self._offset = self._fd, self._path, fd, path, EVENTS_HEADER_SIZE
        if old is not None:
            self._wait_for_sync()
            self._syncing = threading.Thread(target=self._sync, args=(old, old_path), name="tarazy-events-sync")
            self._syncing.start()

    def _sync(self, fd: int, path: Path) -> None:
        """Sync a full segment and close it. What a failure loses, a start finds and makes anew."""
        try:
            self._files.sync(fd, path)
        finally:
            self._files.close(fd)

    def _wait_for_sync(self) -> None:
        """Wait until the segment before is synced."""
        if self._syncing is not None:
            self._syncing.join()
        self._syncing = None

    def close(self) -> None:
        """Close the file."""
        self._wait_for_sync()
        if self._fd is not None:
            self._files.close(self._fd)
        self._fd = None

    # ------------------------------------------------------------ the start
    def cut_all(self) -> None:
        """Remove everything: it belongs to another history."""
        self.close()
        self._remove(events_segments(self.folder))
        self.last, self._next_seq = None, 1

    def _repair(self) -> EventsRecord | None:
        """Cut what is not whole and open the last segment; return its last record, None where nothing is there."""
        for left_over in self.folder.glob("*.new"):
            self._files.remove(left_over)
        segments = events_segments(self.folder)
        while segments:
            last = self._keep_whole(segments[-UNSYNCED_SEGMENTS_MAX:])
            if last is not None:
                self._fd = self._files.open(self._path)
                return last
            segments = segments[:-UNSYNCED_SEGMENTS_MAX]
        return None

    def _keep_whole(self, suspects: list[int]) -> EventsRecord | None:
        """Keep what is whole from the start of some segments on, remove the rest; return the last record kept."""
        kept: EventsRecord | None = None
        for at, first_frame in enumerate(suspects):
            path = events_path(self.folder, first_frame)
            records, size = self._scan(path, first_frame)
            follows = kept is None or not records or records[0].first_seq == kept.next_seq
            if not records or not follows:
                self._remove(suspects[at:])
                break
            kept, self._path = records[-1], path
            self._offset = EVENTS_HEADER_SIZE + sum(record.size for record in records)
            if self._offset < size:
                with storing(path, "cut the events file"):
                    os.truncate(path, self._offset)
                self._remove(suspects[at + 1 :])
                break
        return kept

    def _remove(self, first_frames: list[int]) -> None:
        """Remove segments."""
        for first_frame in first_frames:
            self._files.remove(events_path(self.folder, first_frame))

    def _scan(self, path: Path, first_frame: int) -> tuple[list[EventsRecord], int]:
        """Return the whole records from the start of a segment on, and its size."""
        with reading(path, "read the events file"):
            fd = open_plain(path)
            try:
                size = os.fstat(fd).st_size
                if not is_segment_of(read_fully(fd, 0, EVENTS_HEADER_SIZE), self._identity, first_frame):
                    return [], size
                return list(whole_records(fd, EVENTS_HEADER_SIZE)), size
            finally:
                os.close(fd)


def whole_records(fd: int, offset: int) -> Iterator[EventsRecord]:
    """Iterate over records and their events as long as each has its digests and follows the one before."""
    before: EventsRecord | None = None
    while True:
        record = decode_record(read_fully(fd, offset, EVENTS_RECORD_SIZE))
        if record is None or (before is not None and record.first_seq != before.next_seq):
            return
        events = read_fully(fd, offset + EVENTS_RECORD_SIZE, record.event_count * RECORD_SIZE)
        if sha256(events).digest() != record.events_digest:
            return
        yield record
        before, offset = record, offset + record.size
