"""The index file: read as a whole, its chain checked; a line is added under a lock and durable when `add` returns."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Any

from tarazy.platform.documents.entry import LINE_BYTES_MAX, START, Entry, apply_line, encode_line, line_hash
from tarazy.platform.documents.errors import DocumentDamagedError, DocumentRefusedError
from tarazy.platform.documents.plain_files import open_plain, storing, write_all

LINES_MAX = 1_000_000


class Index:
    """What an index file says: the entries by SHA-256, and where the next line goes.

    A last line without its end is what a crash left of one that was never acknowledged: readers leave it out, a
    writer cuts it off.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries: dict[str, Entry] = {}
        self.end = 0
        self.lines = 0
        self._previous = START
        self._hashes = bytearray()  # 32 bytes of each line

    def read(self, fd: int) -> None:
        """Read on from the end of what is known.

        Raises: DocumentDamagedError with the number of the line; OSError.
        """
        with os.fdopen(os.dup(fd), "rb") as file:
            file.seek(self.end)
            while (line := file.readline(LINE_BYTES_MAX + 1)).endswith(b"\n"):
                self._take(line)
            if len(line) > LINE_BYTES_MAX:
                self._damaged(f"a line of more than {LINE_BYTES_MAX} bytes")

    def hash_at(self, line: int) -> str:
        """Return the SHA-256 of a line by its number from 1, of what is before the first for 0; empty for no line."""
        if not 0 < line <= self.lines:
            return START if line == 0 else ""
        return self._hashes[32 * line - 32 : 32 * line].hex()

    def add(self, fd: int, record: dict[str, Any]) -> None:
        """Add one line behind the last whole one, durably; a line that could not be written leaves nothing.

        Raises: DocumentRefusedError where the index is full; StoreError.
        """
        line = encode_line(self._previous, record)
        if self.lines >= LINES_MAX or len(line) > LINE_BYTES_MAX:
            expected = f"at most {LINES_MAX:,} lines of at most {LINE_BYTES_MAX} bytes"
            raise DocumentRefusedError(self.path, expected=expected, found="no room for one more")
        with storing(self.path, "add a line to the index"):
            os.ftruncate(fd, self.end)
            os.lseek(fd, self.end, os.SEEK_SET)
            try:
                write_all(fd, line)
                os.fsync(fd)
            except OSError:
                os.ftruncate(fd, self.end)
                raise
        self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            apply_line(self.entries, self._previous, line)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            self._damaged(str(error))
        self._previous = line_hash(line)
        self._hashes += bytes.fromhex(self._previous)
        self.end += len(line)
        self.lines += 1

    def _damaged(self, found: str) -> None:
        action = "Somebody or a device changed the index: bring it back from a copy"
        raise DocumentDamagedError(
            f"{self.path}, line {self.lines + 1}", expected="a line that was added", found=found, action=action
        )


def open_index(path: Path, *, writing: bool) -> int:
    """Open an index file, alone where it is written to; then a missing one is made.

    Raises: DocumentRefusedError, OSError.
    """
    if not writing:
        return open_plain(path)
    fd = open_plain(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(fd, fcntl.LOCK_EX)
    return fd
