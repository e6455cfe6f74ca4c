"""Who waits for a command to be somewhere, on the event loop's thread: woken once for each step, in order."""

from __future__ import annotations

import asyncio
import heapq
import itertools

WAIT_S = 10.0


class Reaching:
    """How far something has come, and who waits for it."""

    def __init__(self) -> None:
        self.seq = 0
        self._stands_still = False
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    async def wait(self, seq: int) -> bool:
        """Wait until a command is reached; return whether it is."""
        if seq > self.seq and not self._stands_still:
            loop = asyncio.get_running_loop()
            future = loop.create_future()
            heapq.heappush(self._waiting, (seq, next(self._numbers), future))
            timer = loop.call_later(WAIT_S, go_on, future)
            try:
                await future
            finally:
                timer.cancel()
        return seq <= self.seq

    def advance(self, seq: int | None) -> None:
        """Let those go on who waited for what is reached now; None: nothing more ever comes."""
        if seq is None:
            self._stands_still = True
        else:
            self.seq = max(self.seq, seq)
        while self._waiting and (self._stands_still or self._waiting[0][0] <= self.seq):
            _, _, future = heapq.heappop(self._waiting)
            go_on(future)


def go_on(future: asyncio.Future[None]) -> None:
    """Let somebody go on, unless it does already."""
    if not future.done():
        future.set_result(None)
