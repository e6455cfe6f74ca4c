"""Append frames, each durable before the call returns. One writer per folder; the caller holds the folder's lock."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tarazy.journal.allocation import SpareSegment, place_segment
from tarazy.journal.errors import EmptySectorError, FrameTooLargeError, JournalError
from tarazy.journal.files import Files
from tarazy.journal.frame import FRAME_BYTES_MAX, FrameDraft, Position, Written, seal
from tarazy.journal.identity import Identity
from tarazy.journal.locate import locate
from tarazy.journal.lock import FolderLock
from tarazy.journal.merkle import Frontier
from tarazy.journal.segment import (
    next_start,
    read_segment_header,
    segment_count,
    segment_header,
    segment_path,
)
from tarazy.journal.tail import Place

SPARE_AT = 2  # the next segment is allocated when half of this one is full
ZERO_RUN = bytes(256)  # no 512-byte sector of a frame is all zero, see `tail.py`; commands have times

OnDurable = Callable[[Written], None]


class JournalWriter:
    """Write frames behind `position`, which is the end of what a start has made durable.

    `tree` is the Merkle tree over the frames before it; it grows with every frame. With a `lock` every frame is checked
    to have gone into the folder that the name still means, before anybody is told.

    After any error of the machine the writer is dead: every later call raises the same error, since nobody knows what
    the device holds. A new start reads what is there.
    """

    def __init__(
        self,
        directory: Path,
        identity: Identity,
        position: Position,
        *,
        tree: Frontier | None = None,
        lock: FolderLock | None = None,
        files: Files | None = None,
    ) -> None:
        self._lock = lock
        self.tree = Frontier() if tree is None else tree
        self._directory = Path(directory)
        self._identity = identity
        self._files = files or Files()
        located = locate(self._directory, identity, segment_count(self._directory), position)
        self._place = located.place
        self._last_term = located.writer_term
        self.writer_term = located.writer_term + 1
        self._segment = read_segment_header(self._directory, self._place.segment, identity)
        self._spare = SpareSegment(self._files, self._directory, identity.segment_bytes)
        self._failure: JournalError | None = None
        self._path = segment_path(self._directory, self._place.segment)
        self._fd = self._files.open(self._path)
        self.position = position

    @property
    def durable_seq(self) -> int:
        """Return the number of the last command that is on the device."""
        return self.position.next_seq - 1

    @property
    def place(self) -> Place:
        """Return where in the local files the next frame goes, if it fits there."""
        return self._place

    @property
    def frame_bytes_max(self) -> int:
        """Return the most bytes that one frame may take."""
        return min(self._segment.segment_bytes - self._segment.first_offset, FRAME_BYTES_MAX)

    def append(self, draft: FrameDraft, on_durable: OnDurable = lambda written: None) -> None:
        """Append one frame; `on_durable` is called before this returns, when the frame is on the device.

        Raises: FrameTooLargeError, EmptySectorError (nothing happened), StorageError (the writer is dead).
        """
        if self._failure is not None:
            raise self._failure
        if draft.frame_bytes > self.frame_bytes_max:
            found = f"{draft.frame_bytes} bytes"
            raise FrameTooLargeError(self._path, expected=f"at most {self.frame_bytes_max} bytes", found=found)
        for section in (draft.instructions, draft.references):
            if ZERO_RUN in section:
                found = f"a run of {len(ZERO_RUN)} zeros"
                raise EmptySectorError(self._path, expected="data in every sector of a frame", found=found)
        try:
            written = self._write(draft)
        except JournalError as error:
            self._failure = error
            raise
        on_durable(written)

    def _write(self, draft: FrameDraft) -> Written:
        """Write, sync, and only then move the position."""
        self._spare.check()
        if self._place.offset + draft.frame_bytes > self._segment.segment_bytes:
            self._rotate()
        header, buffers = seal(draft, self.position, self._identity.edition, self.writer_term)
        self._files.write(self._fd, self._path, buffers, self._place.offset)
        self._files.sync(self._fd, self._path)
        if self._lock is not None:
            self._lock.check(self._path, self._fd)
        self.tree.append(buffers[-1])
        self.position, self._last_term = self.position.after(header, buffers[-1]), self.writer_term
        end = next_start(self._segment, self._place.offset + header.frame_bytes)
        self._place = self._place._replace(offset=end)
        if end > self._segment.segment_bytes // SPARE_AT:
            self._spare.start()
        return Written(header, buffers[-1])

    def _rotate(self) -> None:
        """Go on in the next segment."""
        header = segment_header(self._identity, self._place.segment + 1, self.position, self._last_term)
        fd = self._spare.take()
        place_segment(self._files, self._directory, fd, header)
        self._files.close(self._fd)
        self._fd, self._path = fd, segment_path(self._directory, header.segment)
        self._segment, self._place = header, Place(header.segment, header.first_offset)

    def close(self) -> None:
        """Close the files; everything that was appended is durable already."""
        try:
            self._spare.discard()
        finally:
            self._files.close(self._fd)
