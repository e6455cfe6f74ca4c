"""What is done again and again beside the requests: each schedule is a name, a pause and a call.

A schedule lives on the event loop's thread; what blocks is given to a thread by the call itself. A call that fails is
logged and comes again: one bad moment ends no schedule. A call that takes longer than the pause is not doubled.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

LOG = logging.getLogger("tarazy.jobs")


@dataclass(frozen=True, slots=True)
class Schedule:
    """One call that comes again. Units: seconds between its end and its next beginning."""

    name: str
    pause_s: float
    call: Callable[[], Awaitable[None]]


class Schedules:
    """The schedules of one process, as one long-running part."""

    def __init__(self, schedules: Sequence[Schedule]) -> None:
        self._schedules = tuple(schedules)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin; the first call comes after the first pause."""
        self._tasks = [asyncio.create_task(repeat(each), name=each.name) for each in self._schedules]

    async def stop(self) -> None:
        """End between two calls; one that is under way is cancelled."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []


async def repeat(schedule: Schedule) -> None:
    """Pause and call, for ever."""
    while True:
        await asyncio.sleep(schedule.pause_s)
        try:
            await schedule.call()
        except Exception as error:
            LOG.error("schedule %s failed and comes again: %s: %s", schedule.name, type(error).__name__, error)
