"""How far a job is, as a page shows it: at every moment there is an answer for every stage."""

from __future__ import annotations

import asyncio

import pytest

from tarazy.console.screening.desk import stages_of
from tarazy.console.screening.services import STAGES
from tarazy.platform.jobs.queue import DONE, FAILED, RUNNING, WAITING, Job, Stage


def states(state: str, *reached: str) -> list[str]:
    """Return the state of each stage of a job that reached these."""

    async def ask() -> list[str]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        job = Job("id", "key", "label", "caller", None, 0.0, future, state)  # type: ignore[arg-type]
        job.stages = [Stage(name, float(at)) for at, name in enumerate(reached)]
        return [stage.state for stage in stages_of(job)]

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("state", "reached", "expected"),
    [
        (WAITING, (), ["waiting"] * 5),
        (RUNNING, (), ["waiting"] * 5),
        (RUNNING, ("never heard of",), ["waiting"] * 5),
        (RUNNING, ("code",), ["running", "waiting", "waiting", "waiting", "waiting"]),
        (RUNNING, ("code", "paths", "checks"), ["done", "done", "skipped", "skipped", "running"]),
        (DONE, ("code", "paths", "simulation", "checks"), ["done", "done", "done", "skipped", "done"]),
        (FAILED, ("code",), ["done", "skipped", "skipped", "skipped", "skipped"]),
    ],
)
def test_stage_is_behind_under_way_ahead_or_passed_over(
    state: str, reached: tuple[str, ...], expected: list[str]
) -> None:
    assert states(state, *reached) == expected
    assert len(expected) == len(STAGES)
