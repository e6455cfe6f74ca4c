"""The few operations on files that durability rests on, behind one small class.

Tests put a disk in its place that fails, fills up or loses power. Every error of the machine leaves as a
`StorageError`. A failed `fdatasync` is never tried again: the kernel may have dropped the pages and would then
report success for data that is gone.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from tarazy.journal.errors import (
    DiskFullError,
    ReadFailedError,
    ReadOnlyError,
    StorageError,
    WriteFailedError,
)
from tarazy.journal.opening import check_folder, is_there, open_plain, reason

ZEROS = bytes(1 << 20)
PAGE = 4096
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
        raise ReadFailedError(path, expected=f"to {act}", found=reason(error)) from error


def storage_error(path: Path, act: str, error: OSError) -> StorageError:
    """Return the storage error for an error of the machine."""
    kind: type[StorageError] = WriteFailedError
    if error.errno in _NO_ROOM:
        kind = DiskFullError
    elif error.errno in _NOT_WRITABLE:
        kind = ReadOnlyError
    return kind(path, expected=f"to {act}", found=reason(error))


class Files:
    """The operating system's files."""

    def open(self, path: Path, *, create: bool = False) -> int:
        """Open a plain file for writing; with `create` a new one, in place of what had the name."""
        with storing(path, "open the file for writing"):
            if not create:
                return open_plain(path, os.O_RDWR)
            path.unlink(missing_ok=True)
            return open_plain(path, os.O_RDWR | os.O_CREAT | os.O_EXCL)

    def open_new(self, path: Path, mode: int) -> int:
        """Make a plain file that was not there, with these rights. Raises: FileExistsError, StorageError."""
        try:
            return open_plain(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
        except FileExistsError:
            raise
        except OSError as error:
            raise storage_error(path, "make the file", error) from error

    def close(self, fd: int) -> None:
        """Close a file."""
        os.close(fd)

    def write(self, fd: int, path: Path, buffers: Sequence[bytes | memoryview], offset: int) -> None:
        """Write all buffers one after the other at `offset`."""
        try:
            written = os.pwritev(fd, buffers, offset)
            if written < sum(map(len, buffers)):
                self._write_rest(fd, memoryview(b"".join(buffers)), written, offset)
        except OSError as error:
            raise storage_error(path, "write", error) from error

    @staticmethod
    def _write_rest(fd: int, data: memoryview, written: int, offset: int) -> None:
        """Go on after the kernel took only a part, as it may for a large write.

        The page in which it stopped is finished and synced before anything behind it is written, so that a device never
        holds later sectors beside one that is half there; a torn tail is told by that.
        """
        while written < len(data):
            rest_of_page = -(offset + written) % PAGE
            end = min(written + rest_of_page, len(data)) if rest_of_page else len(data)
            count = os.pwrite(fd, data[written:end], offset + written)
            if count == 0:
                raise OSError(errno.EIO, "the device takes no more bytes")
            written += count
            if rest_of_page and written == end:
                os.fdatasync(fd)

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

    def make_folder(self, path: Path, *, mode: int = 0o755) -> None:
        """Make a folder and those above it, each of them durable in the one above."""
        check_folder(path)
        if is_there(path):
            return
        if path.parent != path:
            self.make_folder(path.parent)
        with storing(path, "make the folder"):
            path.mkdir(mode, exist_ok=True)
        self.sync_folder(path.parent)

    def allocate(self, fd: int, path: Path, size: int) -> None:
        """Reserve `size` bytes on the device, which read as zeros, so that writing into them later needs no room.

        Writing the zeros as well was measured and rejected: it shortens the later fdatasync of a large frame by a third
        but doubles what the device writes, and that costs more at the 99th percentile than it brings at the median.
        """
        with storing(path, f"reserve {size} bytes"):
            os.posix_fallocate(fd, 0, size)
        self.sync(fd, path)


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
