"""The two vector operations of the batch path, against the plain loop."""

from __future__ import annotations

import random

import pytest

from tarazy.domain.records import RECORD_SIZE, AdvanceTime, OrderAccepted
from tarazy.facility.sequencer.stamp import stamp_missing, stamp_now
from tarazy.facility.sequencer.submission import split_events


def with_times(times: list[int]) -> bytes:
    """Return commands with these times."""
    return b"".join(AdvanceTime(ts_ns=ts).pack() for ts in times)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_clock_time_replaces_every_time_and_nothing_else(count: int) -> None:
    commands = bytes(range(RECORD_SIZE)) * count
    for at in range(0, len(commands), RECORD_SIZE):
        stamped = stamp_now(commands, 1 << 60)[at : at + RECORD_SIZE]
        assert stamped == bytes(range(8)) + (1 << 60).to_bytes(8, "little") + bytes(range(16, RECORD_SIZE))


def test_missing_times_are_the_latest_before_them() -> None:
    chance = random.Random(3)
    for _ in range(200):
        times = [chance.choice([0, 0, chance.randint(1, 50)]) for _ in range(chance.randint(1, 8))]
        last = chance.choice([0, 20])
        expected, latest = [], max(last, 1)
        for ts in times:
            expected.append(ts or latest)
            latest = max(latest, ts)
        assert stamp_missing(with_times(times), last) == with_times(expected), (times, last)


def test_complete_times_are_passed_on_as_they_are() -> None:
    commands = with_times([3, 2, 1])
    assert stamp_missing(commands, 9) is commands


def test_events_go_to_the_commands_that_caused_them() -> None:
    chance = random.Random(4)
    for _ in range(200):
        first = chance.randint(1, 1 << 40)
        counts = [chance.randint(1, 4) for _ in range(chance.randint(1, 6))]
        expected, seq = [], first
        for count in counts:
            part = b""
            for _ in range(count):
                part += OrderAccepted(seq=seq).pack() * chance.choice([0, 1, 2, 3])
                seq += 1
            expected.append(part)
        assert split_events(b"".join(expected), first, counts) == expected
