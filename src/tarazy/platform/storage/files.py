"""A file is written whole or not at all, and is durable when the call returns."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

MODE = 0o644


def write_whole(path: Path, content: bytes, mode: int = MODE) -> None:
    """Put content in a file's place; who reads meanwhile sees the old file or the new one.

    One writer at a time: two would share the name of the fresh file.
    """
    write_pieces(path, (content,), mode)


def write_pieces(path: Path, pieces: Iterable[bytes], mode: int = MODE) -> None:
    """Put pieces, one after the other, in a file's place; as `write_whole`, but none of the others is in memory.

    Where a piece cannot be made, the old file stays and nothing new is left.
    """
    fresh = path.with_name(f"{path.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
    try:
        with open(descriptor, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(descriptor)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(fresh)
        raise
    os.replace(fresh, path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
