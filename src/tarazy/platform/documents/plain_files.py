"""Files as the store needs them: plain ones only, written whole and durable, or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from tarazy.platform.documents.errors import DocumentRefusedError, StoreError

CHUNK_BYTES = 1 << 20


@contextlib.contextmanager
def storing(path: Path, act: str) -> Iterator[None]:
    """Turn an error of the machine into one that names the file and what was to be done."""
    try:
        yield
    except OSError as error:
        action = "Make room or mend the device, then do it again; nothing is half done"
        raise StoreError(path, expected=f"to {act}", found=error.strerror or str(error), action=action) from error


def open_plain(path: Path, flags: int = os.O_RDONLY) -> int:
    """Open a plain file; a link in its place is not followed, and nothing is waited for.

    Raises: DocumentRefusedError for what is no plain file; OSError from the machine.
    """
    try:
        fd = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY, 0o600)
    except OSError as error:
        if path.is_symlink():
            raise DocumentRefusedError(path, expected="a plain file", found="a link") from error
        raise
    mode = os.fstat(fd).st_mode
    if not stat.S_ISREG(mode):
        os.close(fd)
        raise DocumentRefusedError(path, expected="a plain file", found=stat.filemode(mode))
    return fd


def read_whole(path: Path, bytes_max: int) -> bytes:
    """Return a plain file's bytes, at most one more than `bytes_max`. Raises: DocumentRefusedError, OSError."""
    with os.fdopen(open_plain(path), "rb") as file:
        return file.read(bytes_max + 1)


def make_folder(path: Path) -> None:
    """Make a folder of the owner alone, durable in the one above it; a link in its place is refused.

    Raises: DocumentRefusedError, OSError.
    """
    if path.is_symlink():
        raise DocumentRefusedError(path, expected="a folder", found="a link")
    if not path.is_dir():
        path.mkdir(mode=0o700, exist_ok=True)  # another writer may have made it in this instant
        sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the device. Raises: OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@contextlib.contextmanager
def temporary(folder: Path) -> Iterator[tuple[int, Path]]:
    """Give a new file for writing; what was not renamed by the end is removed. Raises: OSError."""
    path = folder / f"{secrets.token_hex(8)}.new"
    fd = open_plain(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        yield fd, path
    finally:
        os.close(fd)
        path.unlink(missing_ok=True)


def write_all(fd: int, data: bytes) -> None:
    """Write all bytes, however few the kernel takes at once. Raises: OSError."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def add_line(path: Path, line: bytes) -> None:
    """Add a line behind the last whole one of a file, durably; one that could not be written leaves nothing.

    Raises: DocumentRefusedError, StoreError.
    """
    with storing(path, "add a line"):
        fd = open_plain(path, os.O_RDWR | os.O_CREAT)
        try:
            size = os.fstat(fd).st_size
            end = os.pread(fd, size, 0).rfind(b"\n") + 1
            os.ftruncate(fd, end)
            os.lseek(fd, end, os.SEEK_SET)
            try:
                write_all(fd, line)
                os.fsync(fd)
            except OSError:
                os.ftruncate(fd, end)
                raise
            sync_folder(path.parent)
        finally:
            os.close(fd)


def place(fd: int, path: Path, target: Path) -> None:
    """Make a written file durable and give it its name. Raises: OSError."""
    os.fsync(fd)
    os.rename(path, target)
    sync_folder(target.parent)
