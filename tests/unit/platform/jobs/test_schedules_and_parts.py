"""What runs beside the requests: schedules come again whatever happens, parts start in order and stop in reverse."""

from __future__ import annotations

import asyncio

import pytest

from tarazy.platform.jobs.parts import running
from tarazy.platform.jobs.schedules import Schedule, Schedules


class Noted:
    """A part that notes when it starts and stops, and fails where it is told to."""

    def __init__(self, name: str, notes: list[str], fails: str = "") -> None:
        self.name, self.notes, self.fails = name, notes, fails

    async def start(self) -> None:
        self.notes.append(f"{self.name} starts")
        if self.fails == "start":
            raise OSError(f"{self.name} cannot start")

    async def stop(self) -> None:
        self.notes.append(f"{self.name} stops")
        if self.fails == "stop":
            raise OSError(f"{self.name} cannot stop")


def test_parts_start_in_order_and_stop_in_reverse() -> None:
    notes: list[str] = []

    async def run() -> None:
        async with running([Noted("a", notes), Noted("b", notes)]):
            notes.append("serves")

    asyncio.run(run())
    assert notes == ["a starts", "b starts", "serves", "b stops", "a stops"]


def test_failed_start_stops_what_was_started() -> None:
    notes: list[str] = []

    async def run() -> None:
        async with running([Noted("a", notes), Noted("b", notes, "start"), Noted("c", notes)]):
            notes.append("serves")

    with pytest.raises(OSError, match="b cannot start"):
        asyncio.run(run())
    assert notes == ["a starts", "b starts", "a stops"]


def test_failed_stop_keeps_no_other_part_running() -> None:
    notes: list[str] = []

    async def run() -> None:
        async with running([Noted("a", notes), Noted("b", notes, "stop"), Noted("c", notes)]):
            pass

    with pytest.raises(OSError, match="b cannot stop"):
        asyncio.run(run())
    assert notes[-3:] == ["c stops", "b stops", "a stops"]


def test_schedule_that_fails_comes_again_and_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    counts = {"good": 0, "bad": 0}

    async def good() -> None:
        counts["good"] += 1

    async def bad() -> None:
        counts["bad"] += 1
        raise ValueError("a bad moment")

    async def run() -> None:
        schedules = Schedules([Schedule("good", 0.001, good), Schedule("bad", 0.001, bad)])
        async with running([schedules]):
            while min(counts.values()) < 3:
                await asyncio.sleep(0.001)
        stopped = dict(counts)
        await asyncio.sleep(0.02)
        assert counts == stopped

    asyncio.run(asyncio.wait_for(run(), 10))
    assert "schedule bad failed and comes again: ValueError: a bad moment" in caplog.text


def test_call_that_takes_long_is_not_doubled_and_is_cancelled_by_the_stop() -> None:
    calls: list[str] = []

    async def long() -> None:
        calls.append("begins")
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            calls.append("cancelled")
            raise

    async def run() -> None:
        async with running([Schedules([Schedule("long", 0.001, long)])]):
            await asyncio.sleep(0.05)

    asyncio.run(run())
    assert calls == ["begins", "cancelled"]
