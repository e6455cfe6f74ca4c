"""A worker that hangs, crashes or eats memory is replaced; what it was asked is answered with the reason."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tarazy.chains.evm.facts import TokenFacts
from tarazy.platform.jobs.pool import WorkerPool
from tarazy.platform.jobs.process import Task, WorkerLimits

LIMITS = WorkerLimits(memory_bytes=256 * 1024**2, wall_s=0.5, answer_bytes_max=1_000_000, requests_per_worker=1_000)
MakePool = Callable[..., WorkerPool]


def failure(request: Any, reason: str, seconds: float) -> tuple[str, Any, str]:
    return "failure", request, reason


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Iterator[MakePool]:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    pools: list[WorkerPool] = []

    def made(workers: int = 1, limits: WorkerLimits = LIMITS, task: str = "tasks:do") -> WorkerPool:
        pools.append(WorkerPool(Task(task, failure, ("tarazy.chains",)), workers, limits))
        return pools[-1]

    yield made
    for pool in pools:
        pool.close()


def test_answers_are_data_of_the_packages_that_the_task_names(make: MakePool) -> None:
    pool = make()
    assert pool.submit(("facts", "ABC")).result() == TokenFacts(symbol="ABC")
    assert pool.submit(("echo", {"a": [1, (2.5, None, b"x", True)]})).result() == {"a": [1, (2.5, None, b"x", True)]}


def test_worker_is_used_again(make: MakePool) -> None:
    pool = make()
    assert len({pool.submit(("pid", None)).result() for _ in range(5)}) == 1


@pytest.mark.parametrize(
    ("what", "value", "reason"),
    [
        ("sleep", 60, "took more than 0.5 s"),
        ("spin", None, "took more than 0.5 s"),
        ("memory", 2**30, "used more than 0.25 GiB"),
        ("raise", None, "the work failed: ZeroDivisionError"),
        ("kill", None, "ended by SIGSEGV"),
        ("exit", None, "ended by itself with code 7"),
        ("recurse", None, "RecursionError"),
        ("large", 2_000_000, "2,000,"),
        ("hostile", "HERE", "expected data of tarazy.chains.*, found posix.system"),
        ("unreadable", None, "expected data of tarazy.chains.*, found builtins.object"),
        ("no such", None, "KeyError"),
    ],
)
def test_what_cannot_be_answered_gives_its_reason_and_the_next_is_answered(
    make: MakePool, tmp_path: Path, what: str, value: Any, reason: str
) -> None:
    pool = make()
    assert pool.submit(("echo", 1)).result() == 1
    trace = tmp_path / "trace"
    kind, request, found = pool.submit((what, str(trace) if value == "HERE" else value)).result(timeout=30)
    assert (kind, request[0]) == ("failure", what)
    assert reason in found
    assert pool.submit(("echo", 2)).result(timeout=30) == 2
    assert not trace.exists()


def test_hanging_worker_is_gone_when_its_request_is_answered(make: MakePool) -> None:
    pool = make()
    pid = pool.submit(("pid", None)).result()
    pool.submit(("spin", None)).result(timeout=30)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_request_that_ends_a_used_worker_is_tried_once_more_in_a_new_one(make: MakePool) -> None:
    pool = make()
    assert pool.submit(("echo", 1)).result() == 1
    assert pool.submit(("die_when_used", None)).result(timeout=30) == "fresh"


def test_what_a_task_prints_does_not_reach_the_answers(make: MakePool) -> None:
    pool = make()
    assert pool.submit(("print", 10_000)).result() is None
    assert pool.submit(("stderr", 10_000)).result() is None
    assert pool.submit(("echo", "whole")).result() == "whole"


def test_worker_is_replaced_after_its_number_of_requests(make: MakePool) -> None:
    pool = make(limits=WorkerLimits(requests_per_worker=2))
    pids = [pool.submit(("pid", None)).result() for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_task_that_cannot_be_loaded_is_said(make: MakePool) -> None:
    _, _, reason = make(task="tasks:missing").submit(("echo", 1)).result(timeout=30)
    assert "did not start: AttributeError" in reason


def test_answers_come_in_the_order_of_the_requests(make: MakePool) -> None:
    requests = [("sleep", 0.05) if n % 3 == 0 else ("echo", n) for n in range(30)]
    answers = list(make(2).map(requests))
    assert answers == [None if n % 3 == 0 else n for n in range(30)]


def test_map_takes_few_requests_ahead(make: MakePool) -> None:
    taken = 0

    def endless() -> Iterator[tuple[str, Any]]:
        nonlocal taken
        while True:
            taken += 1
            yield ("echo", taken)

    answers = make(2).map(endless())
    assert [next(answers) for _ in range(20)] == list(range(1, 21))
    assert taken <= 20 + 8


def test_cancelled_request_is_not_asked(make: MakePool) -> None:
    pool = make()
    pool.submit(("sleep", 0.2))
    waiting = pool.submit(("echo", 1))
    assert waiting.cancel()
    assert pool.submit(("count", None)).result() == 2


def test_closed_pool_says_so(make: MakePool) -> None:
    pool = make()
    pool.close()
    with pytest.raises(RuntimeError, match="closed"):
        pool.submit(("echo", 1))


def test_a_request_costs_less_than_a_millisecond(make: MakePool) -> None:
    pool = make()
    pool.submit(("echo", 1)).result()
    taken = []
    for _ in range(300):
        start = time.perf_counter()
        pool.submit(("facts", "ABC")).result()
        taken.append(time.perf_counter() - start)
    assert sorted(taken)[150] < 0.001, f"median {sorted(taken)[150] * 1_000:.3f} ms"


def test_worker_stands_back_as_far_as_its_limits_say(make: MakePool) -> None:
    pool = make(limits=WorkerLimits(niceness=3))
    assert pool.submit(("priority", None)).result() == os.getpriority(os.PRIO_PROCESS, 0) + 3


def test_abandoned_pool_ends_at_once_and_answers_what_ran_and_what_waited(make: MakePool) -> None:
    pool = make(2, WorkerLimits(wall_s=60.0))
    futures = [pool.submit(("sleep", 50)) for _ in range(10)]
    started = time.monotonic()
    while sum(future.running() for future in futures) < 2:
        time.sleep(0.01)
        assert time.monotonic() < started + 30
    children = [worker.process.pid for worker in pool._started if worker.process is not None]
    pool.abandon()
    assert all(future.result(5)[0] == "failure" for future in futures)
    assert [gone(each) for each in children] == [True, True]
    with pytest.raises(RuntimeError, match="closed"):
        pool.submit(("sleep", 1))


def test_pool_that_is_left_by_an_error_does_not_wait_for_its_work(make: MakePool) -> None:
    pool = make(1, WorkerLimits(wall_s=60.0))
    started = time.monotonic()
    pool.submit(("sleep", 50))
    with pytest.raises(KeyboardInterrupt), pool:
        raise KeyboardInterrupt
    assert time.monotonic() < started + 20


def gone(pid: int) -> bool:
    """Say whether a process has ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
