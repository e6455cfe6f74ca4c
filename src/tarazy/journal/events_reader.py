"""Read the events of one frame after the other, also while a writer in another process appends them.

A record is only handed out when it is the one that the journal's frame states: its number, its hash, its count and the
SHA-256 of the events. What is not written yet is None and not an error.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from hashlib import sha256
from pathlib import Path
from types import TracebackType

from tarazy.domain.records import RECORD_SIZE
from tarazy.journal.errors import StorageError
from tarazy.journal.events_record import (
    EVENTS_HEADER_SIZE,
    EVENTS_RECORD_SIZE,
    EventsError,
    EventsRecord,
    decode_record,
    events_folder,
    events_path,
    events_segments,
    is_segment_of,
    record_of,
)
from tarazy.journal.files import reading
from tarazy.journal.frame import Frame
from tarazy.journal.identity import Identity
from tarazy.journal.opening import open_plain, read_fully


class EventsReader:
    """The events of a facility's frames, asked for in rising order."""

    def __init__(self, directory: Path, identity: Identity, *, folder: Path | None = None) -> None:
        self.folder = folder or events_folder(directory)
        self._identity = identity
        self._fd: int | None = None
        self._path = self.folder
        self._offset = 0

    def read(self, frame: Frame) -> bytes | None:
        """Return the events of a frame of commands, or None where they are not written yet.

        Raises: EventsError where others stand in their place, or where they are missing between others.
        """
        wanted = record_of(frame)
        found = self._seek(wanted.frame_number)
        if found is None:
            return None
        if found != wanted:
            raise self._error(wanted, f"a record of frame {found.frame_number} with hash {found.frame_hash.hex()}")
        assert self._fd is not None  # noqa: S101 - a record was found in it
        with reading(self._path, "read the events"):
            events = read_fully(self._fd, self._offset + EVENTS_RECORD_SIZE, wanted.event_count * RECORD_SIZE)
        if len(events) < wanted.event_count * RECORD_SIZE:
            return None
        if sha256(events).digest() != wanted.events_digest:
            raise self._error(wanted, "other events")
        self._offset += wanted.size
        return events

    def _seek(self, frame_number: int) -> EventsRecord | None:
        """Go to the first record that is not before a frame; None where there is none yet."""
        if self._fd is None and not self._open(frame_number):
            return None
        while True:
            record = self._record_here()
            if record is None:
                if not self._next_segment(frame_number):
                    return None
            elif record.frame_number < frame_number:
                self._offset += record.size
            else:
                return record

    def _record_here(self) -> EventsRecord | None:
        """Return the record at this place, or None where the segment ends before it."""
        assert self._fd is not None  # noqa: S101 - the caller has opened it
        with reading(self._path, "read a record of events"):
            head = read_fully(self._fd, self._offset, EVENTS_RECORD_SIZE)
        if len(head) < EVENTS_RECORD_SIZE:
            return None
        record = decode_record(head)
        if record is None:
            raise EventsError(
                self._path, expected="a record with its SHA-256", found="other bytes", offset=self._offset
            )
        return record

    def _next_segment(self, frame_number: int) -> bool:
        """Go on where another file now holds the frame: the next segment, or one that was made anew."""
        with reading(self._path, "look for the next events file"):
            own = os.fstat(self._fd) if self._fd is not None else None
        before = (self._path, own.st_ino if own else 0, self._offset)
        if not self._open(frame_number):
            return False
        with reading(self._path, "look for the next events file"):
            inode = os.fstat(self._fd).st_ino if self._fd is not None else 0
        if before[:2] == (self._path, inode):
            self._offset = before[2]
            return False
        return True

    def _open(self, frame_number: int) -> bool:
        """Open the segment in which a frame must stand; False where there is none yet."""
        segments = events_segments(self.folder)
        at = bisect_right(segments, frame_number) - 1
        if at < 0:
            return False
        path = events_path(self.folder, segments[at])
        try:
            with reading(path, "open the events file"):
                fd = open_plain(path)
                head = read_fully(fd, 0, EVENTS_HEADER_SIZE)
        except StorageError:
            if path.exists():
                raise
            return False  # it is being made anew
        if not is_segment_of(head, self._identity, segments[at]):
            os.close(fd)
            if len(head) < EVENTS_HEADER_SIZE:
                return False
            raise EventsError(path, expected="the header of this facility's events file", found="other bytes")
        self.close()
        self._fd, self._path, self._offset = fd, path, EVENTS_HEADER_SIZE
        return True

    def _error(self, wanted: EventsRecord, found: str) -> EventsError:
        """Return the error for what is not the frame's."""
        expected = f"{wanted.event_count} events of frame {wanted.frame_number} with hash {wanted.frame_hash.hex()}"
        number = wanted.frame_number
        return EventsError(self._path, expected=expected, found=found, frame=number, offset=self._offset)

    def close(self) -> None:
        """Close the file."""
        if self._fd is not None:
            os.close(self._fd)
        self._fd = None

    def __enter__(self) -> EventsReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
