"""Screen in processes of their own, with limits on memory, time and size of the answer: a worker that hangs, crashes or
eats the machine is killed and replaced, and the answer is a report in which all is unknown, with the reason.

Layout: a `Pool` has one thread for each worker process; the thread hands over a request, waits with a deadline, and
settles the future. Workers are started by exec, never forked from threads, and are used again.
Invariants: a future of a pool ends in a report, never in an exception; what comes back from a worker may hold plain
data and the dataclasses of the screening, nothing else. A used worker that dies is no proof against the code at hand:
the request is tried once more in a new one.
Known limits: a worker has the rights of its user; it is a fence against code that runs away, not a sandbox against code
that breaks out of the virtual machine.
Cost: under a millisecond for each request beyond the work itself; a new worker takes its imports.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from functools import cache
from typing import Any

from tarazy.screening.isolation.process import Limits, Worker, WorkerError
from tarazy.screening.isolation.unanswered import unanswered
from tarazy.screening.model import Report

SCREEN = "tarazy.screening.screen:screen"
DEFAULT_LIMITS = Limits()
AHEAD = 4  # requests in hand for each worker in `map`

__all__ = ["DEFAULT_LIMITS", "SCREEN", "Limits", "Pool", "run_isolated", "unanswered"]


class Pool:
    """Worker processes; `submit` returns a future, `map` goes through many requests in bounded memory.

    `task` is `module:function` of what a worker does with a request, `failure(request, reason, seconds)` makes the
    answer where it did not.
    """

    def __init__(
        self,
        workers: int = 1,
        limits: Limits = DEFAULT_LIMITS,
        task: str = SCREEN,
        failure: Callable[[Any, str, float], Any] = unanswered,
    ) -> None:
        self.limits, self.task, self.failure = limits, task, failure
        self.workers = max(1, workers)
        self._queue: queue.SimpleQueue[tuple[Any, Future[Any]] | None] = queue.SimpleQueue()
        self._closed = False
        self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(self.workers)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(self, request: Any) -> Future[Any]:
        """Return the future of one request's answer; `asyncio.wrap_future` awaits it."""
        if self._closed:
            raise RuntimeError("expected an open pool, found a closed one; make a new one")
        future: Future[Any] = Future()
        self._queue.put((request, future))
        return future

    def map(self, requests: Iterable[Any], ask: Callable[[Pool, Any], Future[Any]] | None = None) -> Iterator[Any]:
        """Yield the answers in the order of the requests, with few of either in memory at once.

        `ask(pool, request)` gives the future instead of `submit`, where some requests need no worker.
        """
        ask = ask or Pool.submit
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

    def _serve(self) -> None:
        worker = Worker(self.task, self.limits)
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
            reason = f"the screening failed: {type(error).__name__}: {error}"
        return self.failure(request, reason, time.monotonic() - started)


@cache
def _shared_pool(limits: Limits) -> Pool:
    return Pool(1, limits)


def run_isolated(request: Any, limits: Limits = DEFAULT_LIMITS) -> Report:
    """Return the report of one ScreenRequest, screened in a worker that later calls use again."""
    report: Report = _shared_pool(limits).submit(request).result()
    return report
