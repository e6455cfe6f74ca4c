"""The trail of privileged acts: one JSON line each, on disk before the act counts as done. It never holds a secret."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


class AuditTrail:
    """Appends lines to one file of mode 0600; safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = threading.Lock()

    def write(self, act: str, **facts: Any) -> None:
        """Write one act and wait until it is on disk."""
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": time, "act": act, **facts}, separators=(",", ":")) + "\n"
        with self._lock:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                self._append(descriptor, line.encode())
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    @staticmethod
    def _append(descriptor: int, line: bytes) -> None:
        """Write a whole line or none of it, also where the system takes it in parts.

        Raises: OSError where it does not fit; what was written of it is cut off again.
        """
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # other processes wait: a line is not torn by theirs
        before, left = os.fstat(descriptor).st_size, line
        try:
            while left:
                left = left[os.write(descriptor, left) :]
        except OSError:
            os.ftruncate(descriptor, before)
            raise
