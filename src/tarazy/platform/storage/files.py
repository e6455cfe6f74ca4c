"""A file is written whole or not at all, and is durable when the call returns."""

from __future__ import annotations

import os
from pathlib import Path

MODE = 0o644


def write_whole(path: Path, content: bytes, mode: int = MODE) -> None:
    """Put content in a file's place; who reads meanwhile sees the old file or the new one.

    One writer at a time: two would share the name of the fresh file.
    """
    fresh = path.with_name(f"{path.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
    with open(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    os.replace(fresh, path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
