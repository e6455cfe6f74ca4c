"""The access log: one JSON line for each request, gathered in memory and written several times a second.

A line holds time, method, path without its query, status, code, milliseconds, caller and bytes; never a header, a body
or a key's secret. The file is renamed to `.1` where it reaches its size, so both together are bounded.
Known limit: a kill loses the lines of the last fraction of a second.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path

FLUSH_S = 0.25
LINES_MAX = 20_000  # gathered; beyond it they are counted, not kept
FILE_BYTES_MAX = 64 * 1024**2
PATH_CHARS_MAX = 200


class AccessLog:
    """Gathers lines on the event loop's thread; `flush` writes them and may run in another."""

    def __init__(self, path: Path | None, file_bytes_max: int = FILE_BYTES_MAX) -> None:
        self._path = path
        self._file_bytes_max = file_bytes_max
        self._lines: list[str] = []
        self._dropped = 0
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)

    def line(self, method: str, path: str, status: int, code: int, taken_s: float, caller: str, size: int) -> None:
        """Gather one line."""
        if self._path is None:
            return
        if len(self._lines) >= LINES_MAX:
            self._dropped += 1
            return
        # The path is the caller's text: json.dumps keeps it from making lines of its own.
        self._lines.append(
            f'{{"time":{time.time():.3f},"method":"{method}","path":{json.dumps(path[:PATH_CHARS_MAX])},'
            f'"status":{status},"code":{code},"ms":{taken_s * 1_000:.2f},"caller":"{caller}","bytes":{size}}}\n'
        )

    def flush(self) -> None:
        """Write what was gathered."""
        if self._path is None or not (self._lines or self._dropped):
            return
        lines, self._lines = self._lines, []
        dropped, self._dropped = self._dropped, 0
        if dropped:
            now = datetime.now(UTC).timestamp()
            lines.append(f'{{"time":{now:.3f},"dropped":{dropped}}}\n')
        with self._path.open("a", encoding="utf-8") as file:
            file.writelines(lines)
            size = file.tell()
        if size > self._file_bytes_max:
            self._path.replace(self._path.with_name(f"{self._path.name}.1"))
