"""A secret of 32 bytes in a file that its owner alone reads; made at the first start."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

KEY_BYTES = 32


class KeyFileError(Exception):
    """A key file cannot be used: says which, what was expected and what was found."""


def secret_file(path: Path) -> bytes:
    """Return 32 secret bytes of a file; made with mode 0600 where there is none, durable before it is used.

    Raises: KeyFileError where others may read it, it is a link or no plain file, or its length is wrong.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not os.path.lexists(path):
        _make(path)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if path.is_symlink():
            raise KeyFileError(f"{path}: expected a plain file, found a link; put the key itself there") from error
        raise
    with open(descriptor, "rb") as file:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise KeyFileError(f"{path}: expected a plain file, found {stat.filemode(mode)}")
        if mode & 0o077:
            found = f"{stat.S_IMODE(mode):04o}"
            raise KeyFileError(f"{path}: expected mode 0600, found {found}; run chmod 600 on it, or make a new key")
        secret = file.read(KEY_BYTES + 1)
    if len(secret) != KEY_BYTES:
        found = "more" if len(secret) > KEY_BYTES else str(len(secret))
        raise KeyFileError(f"{path}: expected {KEY_BYTES} bytes, found {found}; restore the file from a copy")
    return secret


def _make(path: Path) -> None:
    """Make a secret; of two starts at once one wins, and both read its key."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, os.urandom(KEY_BYTES))
        os.fsync(descriptor)
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        os.close(descriptor)
        fresh.unlink()
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
