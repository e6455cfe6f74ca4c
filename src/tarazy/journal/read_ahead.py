"""Read ahead: let one thread read and hash the next frames while another works on this one."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable
from typing import TypeVar

T = TypeVar("T")
DEPTH = 4


def read_ahead(items: Iterable[T], depth: int = DEPTH) -> Generator[T, None, None]:
    """Iterate over items that a thread fetches, at most `depth` ahead. An error of theirs is raised in its place."""
    ready: queue.Queue[tuple[T | None, BaseException | None]] = queue.Queue(depth)
    stopped = threading.Event()

    def put(item: T | None, error: BaseException | None) -> bool:
        while not stopped.is_set():
            try:
                ready.put((item, error), timeout=0.05)
                return True
            except queue.Full:
                continue
        return False

    def fetch() -> None:
        try:
            for item in items:
                if not put(item, None):
                    return
            put(None, StopIteration())
        except BaseException as error:  # it is the reader's to raise, in the caller's thread
            put(None, error)

    thread = threading.Thread(target=fetch, name="tarazy-read-ahead", daemon=True)
    thread.start()
    try:
        while True:
            item, error = ready.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield item  # type: ignore[misc]
    finally:
        stopped.set()
        thread.join()
