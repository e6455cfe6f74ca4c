"""Bounded reads from one segment: memory stays flat however long the journal is.

`pread` into a window and not `mmap`: a device that fails then raises an error instead of killing the process.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

from tarazy.journal.files import ZEROS, reading
from tarazy.journal.frame import FRAME_MAGIC, HEADER_SIZE, decode_header
from tarazy.journal.opening import open_plain, read_fully

WINDOW_BYTES = 1 << 20


class SegmentFile:
    """One open segment, read through a window of 1 MiB."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with reading(path, "open the segment for reading"):
            self._fd = open_plain(path)
            self.size = os.fstat(self._fd).st_size
        self._window = memoryview(b"")
        self._window_start = 0

    def __enter__(self) -> SegmentFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._fd)

    def read(self, offset: int, size: int) -> memoryview:
        """Return `size` bytes at `offset`, fewer where the file ends; valid for as long as the caller keeps them."""
        start = offset - self._window_start
        if start < 0 or start + size > len(self._window):
            with reading(self.path, "read the segment"):
                self._window = memoryview(read_fully(self._fd, offset, max(size, WINDOW_BYTES)))
            self._window_start, start = offset, 0
        return self._window[start : start + size]

    def first_nonzero(self, start: int, end: int) -> int | None:
        """Return where the first byte that is not zero stands in [start, end), or None."""
        for offset in range(start, min(end, self.size), WINDOW_BYTES):
            chunk = bytes(self.read(offset, min(WINDOW_BYTES, end - offset)))
            if chunk != (ZEROS if len(chunk) == len(ZEROS) else bytes(len(chunk))):
                return offset + len(chunk) - len(chunk.lstrip(b"\0"))
        return None

    def has_frame_header(self, start: int, number_min: int) -> bool:
        """Say whether the header of a frame numbered `number_min` or higher stands at or behind `start`."""
        offset = start
        while offset + HEADER_SIZE <= self.size:
            chunk = bytes(self.read(offset, WINDOW_BYTES))
            at = chunk.find(FRAME_MAGIC)
            while at >= 0:
                header = decode_header(self.read(offset + at, HEADER_SIZE))
                if header is not None and header.frame_number >= number_min:
                    return True
                at = chunk.find(FRAME_MAGIC, at + 1)
            offset += max(len(chunk) - len(FRAME_MAGIC) + 1, 1)
        return False
