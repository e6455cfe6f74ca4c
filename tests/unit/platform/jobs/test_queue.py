"""One screening for a key at a time, a bounded queue, stages in order, and an end for everyone who waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tarazy.platform.jobs.queue import LATER, Job, Jobs
from tarazy.platform.refusals import RATE_LIMIT, SERVER_ERROR, RefusedError
from tarazy.screening.service.reasons import NOT_A_CONTRACT


class Done:
    report_id = "r1"


def with_jobs(test: Callable[[Jobs], Awaitable[None]], at_once: int = 1, queue: int = 4, of_caller: int = 4) -> None:
    async def run() -> None:
        jobs = Jobs(at_once, queue, of_caller)
        jobs.start()
        try:
            await asyncio.wait_for(test(jobs), 10)
        finally:
            await jobs.stop()

    asyncio.run(run())


def held(gate: asyncio.Event) -> Callable[[Job], Awaitable[Any]]:
    async def work(job: Job) -> Done:
        job.reach("reading")
        await gate.wait()
        job.reach("paths")
        return Done()

    return work


def test_same_key_is_one_job_for_all_who_ask() -> None:
    async def test(jobs: Jobs) -> None:
        gate = asyncio.Event()
        first = jobs.submit("1", "key", "label", "a", held(gate))
        assert jobs.submit("2", "key", "label", "b", held(gate)) is first
        gate.set()
        assert await first.future
        assert (first.state, first.report_id, [stage.name for stage in first.stages]) == (
            "done",
            "r1",
            ["reading", "paths"],
        )
        assert jobs.submit("3", "key", "label", "a", held(gate)) is not first

    with_jobs(test)


def test_full_queue_refuses_with_the_rate_limit_and_takes_again_later() -> None:
    async def test(jobs: Jobs) -> None:
        gate = asyncio.Event()
        active = [jobs.submit(str(each), each, "", f"caller {each}", held(gate)) for each in range(4)]
        with pytest.raises(RefusedError) as caught:
            jobs.submit("x", "x", "", "other", held(gate))
        assert (caught.value.reason, caught.value.retry_after_s) == (RATE_LIMIT, 5)
        gate.set()
        await asyncio.gather(*(job.future for job in active))
        await jobs.submit("y", "y", "", "other", held(gate)).future

    with_jobs(test)


def test_one_caller_cannot_fill_the_queue() -> None:
    async def test(jobs: Jobs) -> None:
        gate = asyncio.Event()
        for each in range(2):
            jobs.submit(str(each), each, "", "greedy", held(gate))
        with pytest.raises(RefusedError, match="this caller has too many"):
            jobs.submit("x", "x", "", "greedy", held(gate))
        jobs.submit("y", "y", "", "other", held(gate))
        gate.set()

    with_jobs(test, of_caller=2)


def test_what_people_wait_for_goes_before_what_is_done_ahead() -> None:
    async def test(jobs: Jobs) -> None:
        gate, order = asyncio.Event(), []

        def noted(name: str) -> Callable[[Job], Awaitable[Any]]:
            async def work(job: Job) -> Done:
                order.append(name)
                await gate.wait()
                return Done()

            return work

        first = jobs.submit("0", 0, "", "a", noted("first"))
        await asyncio.sleep(0.01)
        later = jobs.submit("1", 1, "", "a", noted("later"), LATER)
        soon = jobs.submit("2", 2, "", "a", noted("soon"))
        assert jobs.before(soon) == 1
        gate.set()
        await asyncio.gather(first.future, later.future, soon.future)
        assert order == ["first", "soon", "later"]

    with_jobs(test)


def test_failure_reaches_all_who_wait_and_the_runner_goes_on() -> None:
    async def test(jobs: Jobs) -> None:
        async def refused(job: Job) -> Any:
            raise RefusedError(NOT_A_CONTRACT)

        async def broken(job: Job) -> Any:
            raise ZeroDivisionError("defect")

        for work, code in ((refused, NOT_A_CONTRACT), (broken, SERVER_ERROR)):
            job = jobs.submit(code.name, code, "", "a", work)
            with pytest.raises(RefusedError) as caught:
                await job.future
            assert (caught.value.reason, job.state) == (code, "failed")

    with_jobs(test)


def test_follower_sees_every_stage_and_the_end() -> None:
    async def test(jobs: Jobs) -> None:
        gate = asyncio.Event()
        job = jobs.submit("1", "key", "", "a", held(gate))
        seen = []
        async for moved in job.follow(0.02):
            seen.append((job.state, len(job.stages), moved))
            if job.stages and len(seen) > 2:
                gate.set()
        assert seen[-1][:2] == ("done", 2)
        assert any(not moved for _, _, moved in seen), "nothing said that it is still there"

    with_jobs(test)


def test_follower_of_an_ended_job_is_told_at_once() -> None:
    async def test(jobs: Jobs) -> None:
        gate = asyncio.Event()
        gate.set()
        job = jobs.submit("1", "key", "", "a", held(gate))
        await job.future
        await asyncio.sleep(0)
        assert [moved async for moved in job.follow(5)] == [True]

    with_jobs(test)


def test_stop_ends_everyone_who_waits() -> None:
    async def run() -> None:
        jobs = Jobs(1, 4, 4)
        jobs.start()
        waiting = [jobs.submit(str(each), each, "", "a", held(asyncio.Event())) for each in range(3)]
        await asyncio.sleep(0.01)
        await jobs.stop()
        for job in waiting:
            with pytest.raises(RefusedError, match="the service stops"):
                await job.future

    asyncio.run(run())
