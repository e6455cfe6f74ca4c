"""Append frames, each durable before the call returns. One writer per folder; the caller holds the folder's lock."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tarazy.journal.allocation import SpareSegment, place_segment, segment_header
from tarazy.journal.errors import FrameTooLargeError, JournalError, TornTailError
from tarazy.journal.files import ZEROS, Files
from tarazy.journal.frame import FRAME_OVERHEAD, FrameHeader, Position, frame_hash
from tarazy.journal.identity import Identity
from tarazy.journal.segment import SEGMENT_HEADER_SIZE, read_segment_header, segment_path

SPARE_AT = 2  # the next segment is allocated when half of this one is full


class Written(NamedTuple):
    """Where a frame went and the hash that it has."""

    header: FrameHeader
    frame_hash: bytes
    segment: int
    offset: int


class JournalWriter:
    """Write frames behind `position`.

    After any error of the machine the writer is dead: every later call raises the same error, since nobody knows what
    the device holds. A new start reads what is there.
    """

    def __init__(self, directory: Path, identity: Identity, position: Position, *, files: Files | None = None) -> None:
        self._directory = Path(directory)
        self._identity = identity
        self._files = files or Files()
        self._segment_bytes = read_segment_header(self._directory, position.segment).segment_bytes
        self._spare = SpareSegment(self._files, self._directory, self._segment_bytes)
        self._failure: JournalError | None = None
        self._path = segment_path(self._directory, position.segment)
        self._fd = self._files.open(self._path)
        self.position = position

    @property
    def durable_seq(self) -> int:
        """Return the number of the last command that is on the device."""
        return self.position.next_seq - 1

    @property
    def payload_bytes_max(self) -> int:
        """Return the largest payload that fits into a segment."""
        return self._segment_bytes - SEGMENT_HEADER_SIZE - FRAME_OVERHEAD

    def append(
        self, kind: int, payload: bytes, *, command_count: int, event_count: int, events_digest: bytes
    ) -> Written:
        """Append one frame and wait until it is durable.

        Raises: FrameTooLargeError (nothing happened), StorageError (the writer is dead).
        """
        if self._failure is not None:
            raise self._failure
        if len(payload) > self.payload_bytes_max:
            raise FrameTooLargeError(
                self._path, expected=f"at most {self.payload_bytes_max} bytes", found=f"{len(payload)} bytes"
            )
        position = self.position
        header = FrameHeader(
            kind,
            command_count,
            position.frame_number,
            position.next_seq,
            event_count,
            len(payload),
            position.prev_hash,
            events_digest,
        )
        try:
            return self._write(header, payload)
        except JournalError as error:
            self._failure = error
            raise

    def _write(self, header: FrameHeader, payload: bytes) -> Written:
        """Write, sync, and only then move the position."""
        if self.position.offset + header.frame_bytes > self._segment_bytes:
            self._rotate()
        position = self.position
        head = header.encode()
        hash_ = frame_hash(head, payload)
        self._files.write(self._fd, self._path, (head, payload, hash_), position.offset)
        self._files.sync(self._fd, self._path)
        self.position = position.after(header, hash_)
        if self.position.offset > self._segment_bytes // SPARE_AT:
            self._spare.start()
        return Written(header, hash_, position.segment, position.offset)

    def _rotate(self) -> None:
        """Go on in the next segment."""
        position = self.position._replace(segment=self.position.segment + 1, offset=SEGMENT_HEADER_SIZE)
        fd = self._spare.take()
        place_segment(self._files, self._directory, fd, segment_header(self._identity, position, self._segment_bytes))
        self._files.close(self._fd)
        self._fd, self._path = fd, segment_path(self._directory, position.segment)
        self.position = position

    def close(self) -> None:
        """Close the files; everything that was appended is durable already."""
        self._spare.discard()
        self._files.close(self._fd)


def cut_torn_tail(torn: TornTailError, segment_bytes: int, *, files: Files | None = None) -> None:
    """Put zeros over a torn frame and behind it up to the end of its segment, so that the next frame can go there."""
    files = files or Files()
    fd = files.open(torn.path)
    try:
        for offset in range(torn.cut_from, segment_bytes, len(ZEROS)):
            files.write(fd, torn.path, [memoryview(ZEROS)[: segment_bytes - offset]], offset)
        files.sync(fd, torn.path)
    finally:
        files.close(fd)
