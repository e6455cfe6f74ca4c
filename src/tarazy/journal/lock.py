"""The right to write into a folder: a lock on the folder itself, and a watch that nobody takes things from under it.

The lock belongs to the folder's own inode, so that removing or replacing a file, or putting another folder in its
place, lets no second writer in; the kernel takes it back when the process ends, however it ends. The file `lock` only
says who holds it. A writer that finds the folder, this file, or its segment gone or replaced stops.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

from tarazy.journal.errors import FolderChangedError, FolderInUseError, NotAFacilityError
from tarazy.journal.files import storing
from tarazy.journal.opening import open_plain, read_fully

LOCK_NAME = "lock"


class FolderLock:
    """One writer's hold on a folder."""

    def __init__(self, directory: Path) -> None:
        self._directory = Path(os.path.abspath(directory))
        with storing(self._directory, "open the folder"):
            try:
                self._fd = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            except (FileNotFoundError, NotADirectoryError) as error:
                raise NotAFacilityError(self._directory, expected="a folder", found="none") from error
        try:
            self._take()
            with storing(self._directory, "look at the folder"):
                self._known = self._objects()
        except BaseException:
            os.close(self._fd)
            raise

    def _take(self) -> None:
        """Lock the folder and say who has it."""
        path = self._directory / LOCK_NAME
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            found = f"a writer with process number {self._holder()}"
            raise FolderInUseError(self._directory, expected="a free folder", found=found) from error
        with storing(path, "say who holds the folder"):
            fd = open_plain(path, os.O_RDWR | os.O_CREAT)
            try:
                os.ftruncate(fd, 0)
                os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
            finally:
                os.close(fd)

    def _holder(self) -> str:
        """Return the process number that the holder wrote."""
        with contextlib.suppress(OSError):
            fd = open_plain(self._directory / LOCK_NAME)
            try:
                return read_fully(fd, 0, 20).decode("ascii", "replace").strip() or "unknown"
            finally:
                os.close(fd)
        return "unknown"

    def _objects(self) -> tuple[tuple[int, int], ...]:
        """Return which objects have the names of the folder, its `segments` and its `lock`; raises OSError."""
        return (
            _object(os.stat(self._directory)),
            _object(os.stat("segments", dir_fd=self._fd, follow_symlinks=False)),
            _object(os.stat(LOCK_NAME, dir_fd=self._fd, follow_symlinks=False)),
        )

    def check(self, path: Path, fd: int) -> None:
        """Refuse to go on when the folder, its lock file, or the open segment is no longer what its name says.

        Cost: five calls of the kernel, some microseconds.  Raises: FolderChangedError.
        """
        try:
            segment = os.stat(f"segments/{path.name}", dir_fd=self._fd, follow_symlinks=False)
            is_same = self._objects() == self._known and _object(segment) == _object(os.fstat(fd))
            found = "another one in its place"
        except OSError as error:
            is_same, found = False, error.strerror or "none"
        if not is_same:
            raise FolderChangedError(path, expected="the folder, the lock file and the segment as opened", found=found)

    def release(self) -> None:
        """Let the next writer in."""
        os.close(self._fd)


def _object(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino
