"""What pages are made of, folded once from the record and kept until an act or a new day changes it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any


class PageMemo:
    """Values by name, each with the state of things for which it was made. One thread makes it, others wait for it.

    Who is given a value does not change it: pages show it, and many share it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._making: dict[Hashable, threading.Lock] = {}
        self._kept: dict[Hashable, tuple[Hashable, Any]] = {}

    def get(self, name: Hashable, of: Hashable, make: Callable[[], Any]) -> Any:
        """Return the value of a name for a state of things; the last one made for another is let go."""
        kept = self._kept.get(name)
        if kept is not None and kept[0] == of:
            return kept[1]
        with self._lock:
            making = self._making.setdefault(name, threading.Lock())
        with making:
            kept = self._kept.get(name)
            if kept is None or kept[0] != of:
                kept = self._kept[name] = (of, make())
            return kept[1]
