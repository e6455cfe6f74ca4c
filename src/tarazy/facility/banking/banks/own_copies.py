"""Our own copies of payment files, which others may write to: taken only with the bytes that the record dispatched.

A name in a folder proves nothing. A file that somebody changed before it left, or put where our copy of a sent one
would lie, is told to people; nothing is linked or skipped because of it.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tarazy.facility.banking.errors import BankActRefusedError


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder against other processes that deliver into it; waits for the one that does."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def is_there(path: Path, content: bytes) -> bool:
    """Say whether a copy lies there; its bytes are compared.

    Raises: BankActRefusedError where something else has its name: other bytes, a link, a pipe; OSError.
    """
    found = plain_bytes(path, len(content) + 1)
    if found is None:
        return False
    if found != content:
        raise BankActRefusedError(
            path,
            expected="the payment file whose bytes the record dispatched",
            found="another file under its name",
            action="Nothing was handed over. Find out who wrote it, ask the bank what it has, then move it away",
        )
    return True


def plain_bytes(path: Path, size_max: int) -> bytes | None:
    """Return what a plain file holds, `b""` where something else has its name, None where nothing has."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        return b""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        return file.read(size_max)
