"""Entry points and storage layout of code, read in a process of its own with limits, kept by the code's hash.

The report says what was judged; this is for those who want to look around in the code. Nothing rests on it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

from tarazy.chains.evm.code import keccak256
from tarazy.platform.jobs.pool import WorkerPool
from tarazy.platform.jobs.process import Task, WorkerLimits
from tarazy.screening.model import to_plain

LIMITS = WorkerLimits(memory_bytes=768 * 1024**2, wall_s=4.0, answer_bytes_max=4 * 1024**2)
KEPT_MAX = 256
ENTRY_POINTS_MAX = 400


def summarise(runtime: bytes) -> dict[str, Any]:
    """Return entry points and layout as plain data; runs in the worker."""
    from tarazy.screening.bytecode.facts import analyse

    facts = analyse(runtime)
    layout = facts.layout
    return {
        "complete": facts.complete,
        "reason": "",
        "entry_points": to_plain(facts.entry_points[:ENTRY_POINTS_MAX]),
        "layout": {
            "balances": layout.balances,
            "balances_style": layout.balances_style,
            "allowances": layout.allowances,
            "total_supply": layout.total_supply,
            "owners": to_plain(layout.owners),
        },
    }


def not_read(runtime: bytes, reason: str, seconds: float = 0.0) -> dict[str, Any]:
    """Return what is shown where the code could not be read."""
    return {"complete": False, "reason": reason, "entry_points": [], "layout": None}


TASK = Task("tarazy.console.screening.contract_summary:summarise", not_read)


class Summariser:
    """Reads code on demand; one worker, started with the first question."""

    def __init__(self) -> None:
        self._pool: WorkerPool | None = None
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, dict[str, Any]] = OrderedDict()

    def read(self, runtime: bytes) -> dict[str, Any]:
        """Return entry points and layout of code, or why they are not known."""
        key = keccak256(runtime)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            self._pool = self._pool or WorkerPool(TASK, 1, LIMITS)
            future = self._pool.submit(runtime)
        found: dict[str, Any] = future.result()
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
        return found

    def close(self) -> None:
        """End the worker."""
        with self._lock:
            if self._pool is not None:
                self._pool.close()
                self._pool = None


SUMMARISER = Summariser()
