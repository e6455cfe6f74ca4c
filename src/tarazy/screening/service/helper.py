"""Quick work in processes of its own: decoding calls and simulating transactions, apart from the slow screenings."""

from __future__ import annotations

import asyncio
from typing import Any

from tarazy.platform.jobs.pool import WorkerPool
from tarazy.platform.jobs.process import WorkerLimits
from tarazy.platform.refusals import RATE_LIMIT, SERVER_ERROR, RefusedError
from tarazy.screening.service.decoding import DecodedCall
from tarazy.screening.service.work import QUICK_TASK, DecodeWork, NoAnswer

BUSY_RETRY_S = 1


class Helper:
    """A bounded queue in front of worker processes."""

    def __init__(self, workers: int, limits: WorkerLimits, queue_max: int) -> None:
        self._workers = workers
        self._limits = limits
        self._queue_max = queue_max
        self._pool: WorkerPool | None = None
        self.waiting = 0
        self.done = 0
        self.refused = 0

    def start(self) -> WorkerPool:
        """Start the processes, which load ahead of the first request."""
        if self._pool is None:
            self._pool = WorkerPool(QUICK_TASK, self._workers, self._limits)
        return self._pool

    async def stop(self) -> None:
        """End them; nobody waits for them any more."""
        if self._pool is not None:
            await asyncio.to_thread(self._pool.abandon)

    async def run(self, work: Any) -> Any:
        """Return what a worker answers.

        Raises: RefusedError where the queue is full or the worker gave no answer.
        """
        if self.waiting >= self._queue_max:
            self.refused += 1
            raise RefusedError(RATE_LIMIT, "too much is under way", BUSY_RETRY_S)
        self.waiting += 1
        try:
            found = await asyncio.wrap_future(self.start().submit(work))
        finally:
            self.waiting -= 1
            self.done += 1
        if isinstance(found, NoAnswer):
            raise RefusedError(SERVER_ERROR, found.reason)
        return found

    async def decode(self, data: bytes, code: bytes) -> DecodedCall:
        """Return a decoded call."""
        found: DecodedCall = await self.run(DecodeWork(data, code))
        return found
