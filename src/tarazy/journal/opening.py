"""Open what a journal reads: plain files only, no links, no waiting for a FIFO, never more bytes than were expected."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from tarazy.journal.errors import NotAPlainFileError, ReadFailedError, TooLargeError

KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISLNK, "a link"),
)
# ELOOP: a link; ENXIO: a socket, or a FIFO that nobody reads; EISDIR: a folder opened for writing.
_NO_FILE = {errno.ELOOP: "a link", errno.ENXIO: "a FIFO or a socket", errno.EISDIR: "a folder"}


def open_plain(path: Path, flags: int = os.O_RDONLY, mode: int = 0o644) -> int:
    """Open a plain file without following a link in its place and without waiting.

    Raises: NotAPlainFileError; OSError from the machine, for the caller to name.
    """
    try:
        fd = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY, mode)
    except OSError as error:
        if error.errno in _NO_FILE:
            found = _NO_FILE[error.errno]
            raise NotAPlainFileError(path, expected="a plain file", found=found) from error
        raise
    found = kind_of(os.fstat(fd).st_mode)
    if found:
        os.close(fd)
        raise NotAPlainFileError(path, expected="a plain file", found=found)
    return fd


def kind_of(mode: int) -> str:
    """Return what a thing is that is no plain file; empty for a plain file."""
    return next((word for test, word in KINDS if test(mode)), "")


def is_there(path: Path) -> bool:
    """Say whether anything has this name, be it a link to nothing. Raises: ReadFailedError."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise ReadFailedError(path, expected="to look whether it is there", found=reason(error)) from error
    return True


def check_folder(path: Path) -> None:
    """Refuse a link or a file where a folder of the journal belongs; nothing there is for the caller to name."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return
    if not stat.S_ISDIR(mode):
        raise NotAPlainFileError(path, expected="a folder", found=kind_of(mode) or "a file")


def read_plain(path: Path, bytes_max: int, act: str) -> bytes:
    """Return the bytes of a plain file that has at most `bytes_max`.

    Raises: NotAPlainFileError, TooLargeError, ReadFailedError.
    """
    try:
        fd = open_plain(path)
        try:
            size = os.fstat(fd).st_size
            if size > bytes_max:
                raise TooLargeError(path, expected=f"at most {bytes_max} bytes", found=f"{size} bytes")
            return read_fully(fd, 0, bytes_max)
        finally:
            os.close(fd)
    except OSError as error:
        raise ReadFailedError(path, expected=f"to {act}", found=reason(error)) from error


def read_fully(fd: int, offset: int, size: int) -> bytes:
    """Read until `size` bytes or the end of the file; one read may return less than it was asked for."""
    data = os.pread(fd, size, offset)
    while len(data) < size and (more := os.pread(fd, size - len(data), offset + len(data))):
        data += more
    return data


def reason(error: OSError) -> str:
    """Return the error's name and sentence."""
    return f"{errno.errorcode.get(error.errno or 0, 'error')} ({error.strerror or error})"
