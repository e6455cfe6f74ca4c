"""Files that fail when a test wants them to; `disk_model.py` is the machine that crashes and loses power."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from pathlib import Path

from tarazy.journal.files import Files, storing


class FailingFiles(Files):
    """Files that work until told to fail: each operation asks `fails` for an error number, 0 for none."""

    def __init__(self, fails: Callable[[str, Path], int]) -> None:
        self.calls: list[str] = []
        self._fails = fails

    def _ask(self, operation: str, path: Path) -> None:
        """Raise what the test wants."""
        self.calls.append(operation)
        number = self._fails(operation, path)
        if number:
            with storing(path, operation):
                raise OSError(number, errno.errorcode[number])

    def open(self, path: Path, *, create: bool = False) -> int:
        """Open a file or fail."""
        self._ask("open", path)
        return super().open(path, create=create)

    def write(self, fd: int, path: Path, buffers: Sequence[bytes | memoryview], offset: int) -> None:
        """Write or fail."""
        self._ask("write", path)
        super().write(fd, path, buffers, offset)

    def sync(self, fd: int, path: Path) -> None:
        """Sync or fail."""
        self._ask("sync", path)
        super().sync(fd, path)

    def allocate(self, fd: int, path: Path, size: int) -> None:
        """Reserve or fail."""
        self._ask("allocate", path)
        super().allocate(fd, path, size)
