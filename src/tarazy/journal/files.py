"""The few operations on files that durability rests on, behind one small class.

Tests put a disk in its place that fails, fills up or loses power. Every error of the machine leaves as a
`StorageError`. A failed `fdatasync` is never tried again: the kernel may have dropped the pages and would then
report success for data that is gone.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from tarazy.journal.errors import (
    DiskFullError,
    FolderInUseError,
    ReadFailedError,
    ReadOnlyError,
    StorageError,
    WriteFailedError,
)

LOCK_NAME = "lock"
ZEROS = bytes(1 << 20)
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NOT_WRITABLE = {errno.EROFS, errno.EACCES, errno.EPERM}


@contextlib.contextmanager
def storing(path: Path, act: str) -> Iterator[None]:
    """Turn an error of the machine into the storage error that names the file and says what to do."""
    try:
        yield
    except OSError as error:
        raise storage_error(path, act, error) from error


@contextlib.contextmanager
def reading(path: Path, act: str) -> Iterator[None]:
    """Turn an error of the machine while reading into the storage error that names the file."""
    try:
        yield
    except OSError as error:
        raise ReadFailedError(path, expected=f"to {act}", found=_reason(error)) from error


def storage_error(path: Path, act: str, error: OSError) -> StorageError:
    """Return the storage error for an error of the machine."""
    kind: type[StorageError] = WriteFailedError
    if error.errno in _NO_ROOM:
        kind = DiskFullError
    elif error.errno in _NOT_WRITABLE:
        kind = ReadOnlyError
    return kind(path, expected=f"to {act}", found=_reason(error))


def _reason(error: OSError) -> str:
    """Return the error's name and sentence."""
    return f"{errno.errorcode.get(error.errno or 0, 'error')} ({error.strerror or error})"


class Files:
    """The operating system's files."""

    def open(self, path: Path, *, create: bool = False) -> int:
        """Open a file for writing."""
        flags = os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT | os.O_TRUNC if create else 0)
        with storing(path, "open the file for writing"):
            return os.open(path, flags, 0o644)

    def close(self, fd: int) -> None:
        """Close a file."""
        os.close(fd)

    def write(self, fd: int, path: Path, buffers: Sequence[bytes | memoryview], offset: int) -> None:
        """Write all buffers one after the other at `offset`."""
        with storing(path, "write"):
            total = sum(map(len, buffers))
            written = os.pwritev(fd, buffers, offset)
            if written < total:
                self._write_rest(fd, memoryview(b"".join(buffers)), written, offset)

    @staticmethod
    def _write_rest(fd: int, data: memoryview, written: int, offset: int) -> None:
        """Go on after the kernel took only a part, as it may for a large write."""
        while written < len(data):
            count = os.pwrite(fd, data[written:], offset + written)
            if count == 0:
                raise OSError(errno.EIO, "the device takes no more bytes")
            written += count

    def sync(self, fd: int, path: Path) -> None:
        """Wait until everything written to the file is on the device."""
        with storing(path, "make the data durable"):
            os.fdatasync(fd)

    def sync_folder(self, path: Path) -> None:
        """Wait until the names in a folder are on the device."""
        with storing(path, "make the folder durable"):
            fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(fd)
            finally:
                os.close(fd)

    def rename(self, source: Path, target: Path) -> None:
        """Give a file its final name, replacing what had it."""
        with storing(target, "rename the file into place"):
            os.replace(source, target)

    def remove(self, path: Path) -> None:
        """Remove a file if it is there."""
        with storing(path, "remove the file"):
            path.unlink(missing_ok=True)

    def make_folder(self, path: Path) -> None:
        """Make a folder and those above it."""
        with storing(path, "make the folder"):
            path.mkdir(parents=True, exist_ok=True)

    def allocate(self, fd: int, path: Path, size: int) -> None:
        """Reserve `size` bytes on the device, which read as zeros, so that writing into them later needs no room.

        Writing the zeros as well was measured and rejected: it shortens the later fdatasync of a large frame by a third
        but doubles what the device writes, and that costs more at the 99th percentile than it brings at the median.
        """
        with storing(path, f"reserve {size} bytes"):
            os.posix_fallocate(fd, 0, size)
            os.fsync(fd)


def write_whole(files: Files, path: Path, buffers: Sequence[bytes | memoryview]) -> None:
    """Write a small file so that a crash leaves either all of it or nothing: temporary name, sync, rename, sync."""
    temporary = path.with_name(path.name + ".new")
    try:
        fd = files.open(temporary, create=True)
        try:
            files.write(fd, temporary, buffers, 0)
            files.sync(fd, temporary)
        finally:
            files.close(fd)
    except StorageError:
        with contextlib.suppress(StorageError):
            files.remove(temporary)
        raise
    files.rename(temporary, path)
    files.sync_folder(path.parent)


class FolderLock:
    """The right to write into a folder; the kernel takes it back when the process ends, however it ends."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / LOCK_NAME
        with storing(self._path, "take the folder's lock"):
            self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._fd, 64, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(self._fd)
            raise FolderInUseError(
                directory, expected="a free folder", found=f"a writer with process number {holder}"
            ) from error
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let the next writer in."""
        os.close(self._fd)
