"""Screenings under way: one for a key at a time, a bounded queue, and how far each is.

Lives on the event loop's thread; nothing here blocks. What people wait for goes before what is done ahead of need.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from tarazy.platform.refusals import RATE_LIMIT, SERVER_ERROR, RefusedError

ENDED_MAX = 10_000
STAGES_MAX = 64
WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
SOON, LATER = 0, 1
BUSY_RETRY_S = 5


@dataclass(slots=True)
class Stage:
    """One stage of a job. Units: seconds since the job was submitted."""

    name: str
    at_s: float


@dataclass(slots=True, eq=False)
class Job:
    """One screening, waiting, under way or ended. Ended jobs keep their report's id or their reason."""

    id: str
    key: Hashable
    label: str
    caller: str
    work: Work
    submitted_s: float
    future: asyncio.Future[Any]
    state: str = WAITING
    stages: list[Stage] = field(default_factory=list)
    started_s: float | None = None
    ended_s: float | None = None
    report_id: str | None = None
    refusal: RefusedError | None = None
    changes: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def reach(self, stage: str) -> None:
        """Note a stage."""
        if self.state == RUNNING and len(self.stages) < STAGES_MAX:
            self.stages.append(Stage(stage, time.monotonic() - self.submitted_s))
            self.change()

    def change(self) -> None:
        """Wake everyone who follows this job."""
        self.changes += 1
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def follow(self, pause_s: float) -> AsyncIterator[bool]:
        """Yield True at once and after every change until the job ended, False where nothing changed for a while."""
        seen = -1
        while True:
            changed = self._changed
            moved = seen != self.changes
            seen = self.changes
            yield moved
            if self.ended_s is not None and seen == self.changes:
                return
            if seen == self.changes:
                try:
                    await asyncio.wait_for(changed.wait(), pause_s)
                except TimeoutError:
                    continue

    @property
    def seconds(self) -> float:
        """Return how long it took or takes so far."""
        return (self.ended_s or time.monotonic()) - self.submitted_s


Work = Callable[[Job], Awaitable[Any]]  # what a job does; its result's `report_id` becomes the job's


class Jobs:
    """All jobs of a service."""

    def __init__(self, at_once: int, queue_max: int, queue_of_caller_max: int) -> None:
        self._at_once = at_once
        self._queue_max = queue_max
        self._queue_of_caller_max = queue_of_caller_max
        self._queue: asyncio.PriorityQueue[tuple[int, int, Job]] = asyncio.PriorityQueue()
        self._numbers = itertools.count(1)
        self._active: dict[Hashable, Job] = {}
        self._by_caller: dict[str, int] = {}
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._runners: list[asyncio.Task[None]] = []
        self.refused = 0
        self.done = 0

    def start(self) -> None:
        """Begin to work."""
        self._runners = [asyncio.create_task(self._run()) for _ in range(self._at_once)]

    async def stop(self) -> None:
        """End; what waits is refused."""
        for runner in self._runners:
            runner.cancel()
        await asyncio.gather(*self._runners, return_exceptions=True)
        for job in list(self._active.values()):
            self._end(job, RefusedError(SERVER_ERROR, "the service stops"))

    def submit(
        self,
        job_id: str,
        key: Hashable,
        label: str,
        caller: str,
        work: Callable[[Job], Awaitable[Any]],
        when: int = SOON,
    ) -> Job:
        """Queue a job, or return the one that is under way for this key.

        Raises: RefusedError (rate limit) where the queue is full, for all or for this caller.
        """
        active = self._active.get(key)
        if active is not None:
            return active
        waiting = self._by_caller.get(caller, 0)
        if len(self._active) >= self._queue_max or waiting >= self._queue_of_caller_max:
            self.refused += 1
            whose = "the service has" if len(self._active) >= self._queue_max else "this caller has"
            raise RefusedError(RATE_LIMIT, f"{whose} too many screenings under way", BUSY_RETRY_S)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        future.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody may wait for it
        job = Job(job_id, key, label, caller, work, time.monotonic(), future)
        self._active[key] = job
        self._by_caller[caller] = waiting + 1
        self._jobs[job_id] = job
        while len(self._jobs) > ENDED_MAX + self._queue_max:
            self._jobs.popitem(last=False)
        self._queue.put_nowait((when, next(self._numbers), job))
        return job

    def has(self, key: Hashable) -> bool:
        """Say whether a job for a key waits or runs."""
        return key in self._active

    def find(self, job_id: str) -> Job | None:
        """Return a job by its id; those that ended long ago are forgotten."""
        return self._jobs.get(job_id)

    def reach(self, job_id: str, stage: str) -> None:
        """Note a stage of a job that a worker told."""
        job = self._jobs.get(job_id)
        if job is not None:
            job.reach(stage)

    def active(self) -> int:
        """Return how many jobs wait or run."""
        return len(self._active)

    def before(self, job: Job) -> int:
        """Return how many jobs wait before this one."""
        if job.state != WAITING:
            return 0
        return sum(each.state == WAITING and each.submitted_s < job.submitted_s for each in self._active.values())

    async def _run(self) -> None:
        while True:
            _, _, job = await self._queue.get()
            job.state, job.started_s = RUNNING, time.monotonic()
            job.change()
            try:
                result = await job.work(job)
            except RefusedError as refusal:
                self._end(job, refusal)
            except Exception as error:
                self._end(job, RefusedError(SERVER_ERROR, f"{type(error).__name__}: {error}"[:300]))
            else:
                job.report_id = getattr(result, "report_id", None)
                self._end(job, None)
                if not job.future.done():
                    job.future.set_result(result)

    def _end(self, job: Job, refusal: RefusedError | None) -> None:
        job.ended_s = time.monotonic()
        job.state, job.refusal = (FAILED, refusal) if refusal else (DONE, None)
        self.done += 1
        self._active.pop(job.key, None)
        left = self._by_caller.get(job.caller, 1) - 1
        if left:
            self._by_caller[job.caller] = left
        else:
            self._by_caller.pop(job.caller, None)
        if refusal is not None and not job.future.done():
            job.future.set_exception(refusal)
        job.change()
