"""The access log: one JSON line for each request, gathered in memory and written several times a second.

A line holds time, method, path without its query, status, reason of a refusal, milliseconds, caller and bytes; never a
header, a body or a key's secret. The file is renamed to `.1` where it reaches its size, so both together are bounded.
Known limit: a kill loses the lines of the last fraction of a second.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

FLUSH_S = 0.05
LINES_MAX = 20_000  # gathered; beyond it they are counted, not kept
FILE_BYTES_MAX = 64 * 1024**2
PATH_CHARS_MAX = 200

Line = tuple[float, str, str, int, str, float, str, int]


class AccessLog:
    """Gathers lines on the event loop's thread; they are written in another."""

    def __init__(self, path: Path | None, file_bytes_max: int = FILE_BYTES_MAX) -> None:
        self._path = path
        self._file_bytes_max = file_bytes_max
        self._lines: list[Line] = []
        self._dropped = 0
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)

    def line(self, method: str, path: str, status: int, reason: str, taken_s: float, caller: str, size: int) -> None:
        """Gather one line."""
        if self._path is None:
            return
        if len(self._lines) >= LINES_MAX:
            self._dropped += 1
            return
        self._lines.append((time.time(), method, path, status, reason, taken_s, caller, size))

    def take(self) -> str:
        """Return what was gathered as text, and begin anew; runs where `line` runs, often, so that it is short."""
        gathered, self._lines = self._lines, []
        lines = [words(*each) for each in gathered]
        if self._dropped:
            lines.append(f'{{"time":{time.time():.3f},"dropped":{self._dropped}}}\n')
            self._dropped = 0
        return "".join(lines)

    def write(self, text: str) -> None:
        """Append text; may run in another thread."""
        if self._path is None or not text:
            return
        with self._path.open("a", encoding="utf-8") as file:
            file.write(text)
            size = file.tell()
        if size > self._file_bytes_max:
            self._path.replace(self._path.with_name(f"{self._path.name}.1"))


def words(at_s: float, method: str, path: str, status: int, reason: str, taken_s: float, caller: str, size: int) -> str:
    """Return one line. The path is the caller's text: JSON keeps it from making lines of its own."""
    return (
        f'{{"time":{at_s:.3f},"method":"{method}","path":{json.dumps(path[:PATH_CHARS_MAX])},'
        f'"status":{status},"reason":"{reason}","ms":{taken_s * 1_000:.2f},"caller":"{caller}","bytes":{size}}}\n'
    )
