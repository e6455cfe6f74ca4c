"""Work in processes of its own, with limits on memory, time and size of the answer.

A worker that hangs, crashes or eats much is killed and replaced; the answer is what the task makes of the reason.

Layout: a `Pool` has one thread for each worker process; the thread hands over a request, waits with a deadline, and
settles the future. Workers are started by exec, never forked from threads, and are used again.
Invariants: a future of a pool ends in an answer, never in an exception; what comes back from a worker may hold plain
data and the dataclasses of the packages that the task names, nothing else. A used worker that dies is no proof against
the request at hand: it is tried once more in a new one.
Known limits: a worker has the rights of its user; it is a fence against code that runs away, not a sandbox against code
that breaks out of the virtual machine.
Cost: under a millisecond for each request beyond the work itself; a new worker takes its imports.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import Any

from tarazy.platform.jobs.process import Task, Worker, WorkerError, WorkerLimits

DEFAULT_LIMITS = WorkerLimits()
ABANDON_S = 0.5  # how long a thread may take to see that its worker is gone
AHEAD = 4  # requests in hand for each worker in `map`


class WorkerPool:
    """Worker processes; `submit` returns a future, `map` goes through many requests in bounded memory."""

    def __init__(self, task: Task, workers: int = 1, limits: WorkerLimits = DEFAULT_LIMITS) -> None:
        self.task, self.limits = task, limits
        self.workers = max(1, workers)
        self._queue: queue.SimpleQueue[tuple[Any, Future[Any]] | None] = queue.SimpleQueue()
        self._closed = False
        self._started: list[Worker] = []
        self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(self.workers)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()  # nobody waits for the answers

    def submit(self, request: Any) -> Future[Any]:
        """Return the future of one request's answer; `asyncio.wrap_future` awaits it."""
        if self._closed:
            raise RuntimeError("expected an open pool, found a closed one; make a new one")
        future: Future[Any] = Future()
        self._queue.put((request, future))
        return future

    def map(
        self, requests: Iterable[Any], ask: Callable[[WorkerPool, Any], Future[Any]] | None = None
    ) -> Iterator[Any]:
        """Yield the answers in the order of the requests, with few of either in memory at once.

        `ask(pool, request)` gives the future instead of `submit`, where some requests need no worker.
        """
        ask = ask or WorkerPool.submit
        pending: deque[Future[Any]] = deque()
        for request in requests:
            pending.append(ask(self, request))
            if len(pending) >= AHEAD * self.workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()

    def close(self) -> None:
        """Finish what was submitted, then end the workers."""
        self._closed = True
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()

    def abandon(self) -> None:
        """End the workers in the midst of what they do; what waits or runs is answered as a failure."""
        self._closed = True
        for worker in list(self._started):
            worker.stop()
        with contextlib.suppress(queue.Empty):
            while (item := self._queue.get_nowait()) is not None:
                request, future = item
                if future.set_running_or_notify_cancel():
                    future.set_result(self.task.failure(request, "the work was given up", 0.0))
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(ABANDON_S)

    def _serve(self) -> None:
        worker = Worker(self.task, self.limits)
        self._started.append(worker)
        while (item := self._queue.get()) is not None:
            request, future = item
            if future.set_running_or_notify_cancel():
                future.set_result(self._answer(worker, request))
        worker.end()

    def _answer(self, worker: Worker, request: Any) -> Any:
        started = time.monotonic()
        try:
            return worker.ask_patiently(request)
        except WorkerError as end:
            reason = str(end)
        except Exception as error:  # the thread must live; what the caller gets is an answer
            worker.end()
            reason = f"the work failed: {type(error).__name__}: {error}"
        return self.task.failure(request, reason, time.monotonic() - started)
