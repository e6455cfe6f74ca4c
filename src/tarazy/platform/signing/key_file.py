"""A secret of 32 bytes in a file that its owner alone reads; made at the first start."""

from __future__ import annotations

import os
from pathlib import Path

KEY_BYTES = 32


class KeyFileError(Exception):
    """A key file cannot be used: says which, what was expected and what was found."""


def secret_file(path: Path) -> bytes:
    """Return 32 secret bytes of a file; made with mode 0600 where there is none.

    Raises: KeyFileError where others may read it or its length is wrong.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        made = os.urandom(KEY_BYTES)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, made)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        try:
            os.link(fresh, path)  # of two starts at once one wins, and both read its key
        except FileExistsError:
            made = path.read_bytes()
        finally:
            fresh.unlink()
        found = made
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise KeyFileError(f"{path}: expected mode 0600, found {mode:04o}; run chmod 600 on it, or make a new key")
    if len(found) != KEY_BYTES:
        raise KeyFileError(f"{path}: expected {KEY_BYTES} bytes, found {len(found)}; restore the file from a copy")
    return found
