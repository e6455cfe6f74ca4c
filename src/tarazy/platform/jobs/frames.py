"""What goes through the pipes of a worker: eight bytes of length, then a pickle.

The parent trusts nothing that comes back: `read_answer` makes plain data and the dataclasses and enumerations of the
packages that the task names, and refuses the rest.
"""

from __future__ import annotations

import dataclasses
import enum
import importlib
import io
import os
import pickle
import select
import time
from typing import Any

HEAD_BYTES = 8
CHUNK_BYTES = 1 << 20


def write_frame(file: int, payload: bytes) -> None:
    """Write one frame whole."""
    view = memoryview(len(payload).to_bytes(HEAD_BYTES, "little") + payload)
    while view:
        view = view[os.write(file, view) :]


def read_frame(file: int, deadline: float | None = None, size_max: int | None = None) -> bytes:
    """Return the next frame.

    Units: `deadline` on the monotonic clock.
    Raises: EOFError where the other end is closed, TimeoutError, ValueError where the frame is larger than allowed.
    """
    size = int.from_bytes(read_exactly(file, HEAD_BYTES, deadline), "little")
    if size_max is not None and size > size_max:
        raise ValueError(f"the answer has {size:,} bytes, more than the {size_max:,} allowed")
    return read_exactly(file, size, deadline)


def read_exactly(file: int, size: int, deadline: float | None) -> bytes:
    """Return so many bytes, waiting until the deadline."""
    waiting = select.poll()
    waiting.register(file, select.POLLIN)
    parts, missing = [], size
    while missing:
        if deadline is not None and not waiting.poll(max(0.0, deadline - time.monotonic()) * 1_000):
            raise TimeoutError
        part = os.read(file, min(missing, CHUNK_BYTES))
        if not part:
            raise EOFError
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


class Unpickler(pickle.Unpickler):
    """Reads what a worker answered; only classes that hold data are known."""

    def __init__(self, payload: bytes, packages: tuple[str, ...]) -> None:
        super().__init__(io.BytesIO(payload))
        self.prefixes = tuple(f"{package}." for package in packages)

    def find_class(self, module: str, name: str) -> Any:
        """Return a dataclass or an enumeration of a package that is allowed."""
        found = getattr(importlib.import_module(module), name, None) if module.startswith(self.prefixes) else None
        if isinstance(found, type) and (dataclasses.is_dataclass(found) or issubclass(found, enum.Enum)):
            return found
        allowed = ", ".join(f"{each}*" for each in self.prefixes) or "no package"
        raise pickle.UnpicklingError(f"expected data of {allowed}, found {module}.{name} in the answer of a worker")


def read_answer(payload: bytes, packages: tuple[str, ...]) -> tuple[str, Any]:
    """Return (kind, value) of a worker's answer.

    Raises: pickle.UnpicklingError, ValueError.
    """
    kind, value = Unpickler(payload, packages).load()
    return kind, value
