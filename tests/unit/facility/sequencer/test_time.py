"""Time in the sequencer: a clock that jumps orders nothing, stops nothing for good, and goes on when it is right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tarazy.domain.records import RECORD_SIZE, AdvanceTime
from tarazy.facility.sequencer.errors import ClockJumpedError
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.verify import verify
from tests.simulation.tally_engine import TallyEngine
from tests.unit.journal.building import commands, create, frames_of

S = 10**9
DAY = 86_400 * S
NOON = 1_800_000_000 * S


class Machine:
    """A machine with a facility and two clocks that a test sets."""

    def __init__(self, directory: Path) -> None:
        self.directory = create(directory, segment_bytes=1 << 20)
        self.wall_ns, self.steady_ns = NOON, 0
        self.alarms: list[str] = []

    def open(self, **options: Any) -> Sequencer:
        """Open the facility with the machine's clocks."""
        return Sequencer.open(
            self.directory,
            TallyEngine,
            clock_ns=lambda: self.wall_ns,
            steady_ns=lambda: self.steady_ns,
            alarm=self.alarms.append,
            **options,
        )

    def run(self, passed_ns: int, wall_extra_ns: int = 0) -> None:
        """Let time pass; the wall clock moves by something more or less."""
        self.steady_ns += passed_ns
        self.wall_ns += passed_ns + wall_extra_ns

    def times(self) -> list[int]:
        """Return the times of all commands, counted from noon."""
        joined = b"".join(frame.commands for frame in frames_of(self.directory) if frame.header.command_count)
        return [int.from_bytes(joined[at + 8 : at + 16], "little") - NOON for at in range(0, len(joined), RECORD_SIZE)]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Return a machine with a new facility."""
    return Machine(tmp_path)


TICK = AdvanceTime().pack()


def test_jump_refuses_commands_and_orders_nothing_until_the_clock_is_right(machine: Machine) -> None:
    with machine.open() as sequencer:
        sequencer.execute(TICK)
        machine.run(S, wall_extra_ns=365 * DAY)
        with pytest.raises(ClockJumpedError, match="Nothing was ordered"):
            sequencer.execute(TICK)
        waiting = [sequencer.submit(commands(3)) for _ in range(3)]
        for future in waiting:
            assert isinstance(future.exception(10), ClockJumpedError)
        with pytest.raises(ClockJumpedError):
            sequencer.checkpoint()
        assert (sequencer.released_seq, sequencer.failure) == (1, None)
        assert len(machine.alarms) == 1
        machine.run(S, wall_extra_ns=-365 * DAY)
        sequencer.execute(TICK)
        sequencer.checkpoint()
    assert machine.times() == [0, 2 * S, 2 * S]
    assert verify(machine.directory).ok


def test_gap_is_accepted_deliberately_and_the_next_jump_is_refused_again(machine: Machine) -> None:
    with machine.open() as sequencer:
        sequencer.execute(TICK)
        machine.run(S, wall_extra_ns=2 * DAY)
        with pytest.raises(ClockJumpedError):
            sequencer.execute(TICK)
        sequencer.accept_time_gap()
        sequencer.execute(TICK)
        machine.run(S, wall_extra_ns=2 * DAY)
        with pytest.raises(ClockJumpedError):
            sequencer.execute(TICK)
    assert machine.times() == [0, 2 * DAY + S]


def test_start_after_a_long_gap_opens_and_takes_commands_only_when_the_gap_is_accepted(machine: Machine) -> None:
    with machine.open() as sequencer:
        sequencer.execute(TICK)
    machine.run(8 * DAY)
    with machine.open() as sequencer:
        with pytest.raises(ClockJumpedError, match="since the last journaled command"):
            sequencer.execute(TICK)
        assert machine.alarms
    with machine.open(accept_time_gap=True) as sequencer:
        sequencer.execute(TICK)
    with machine.open(time_gap_max_ns=S) as sequencer:
        sequencer.execute(TICK)
    assert machine.times() == [0, 8 * DAY, 8 * DAY]


def test_backward_jump_keeps_the_last_time_and_alarms(machine: Machine) -> None:
    with machine.open() as sequencer:
        sequencer.execute(TICK)
        machine.run(S, wall_extra_ns=-3600 * S)
        for _ in range(3):
            sequencer.execute(TICK)
        assert len(machine.alarms) == 1
        machine.run(S, wall_extra_ns=3600 * S)
        sequencer.execute(TICK)
    assert machine.times() == [0, 0, 0, 0, 2 * S]


def test_large_submission_that_meets_the_jump_half_way_fails_and_its_rest_is_not_ordered(machine: Machine) -> None:
    class JumpingEngine(TallyEngine):
        def apply(self, commands: bytes) -> bytes:
            machine.wall_ns += DAY
            return super().apply(commands)

    with Sequencer.open(
        machine.directory,
        JumpingEngine,
        clock_ns=lambda: machine.wall_ns,
        steady_ns=lambda: 0,
        alarm=machine.alarms.append,
        frame_commands_max=10,
    ) as sequencer:
        large = sequencer.submit(commands(100))
        assert isinstance(large.exception(10), ClockJumpedError)
        small = sequencer.submit(commands(5))
        assert isinstance(small.exception(10), ClockJumpedError)
        sequencer.accept_time_gap()
        assert sequencer.submit(commands(5)).result(10).first_seq == 11
    assert verify(machine.directory).commands == 15


def test_market_data_replay_keeps_its_own_times_and_needs_no_guard(machine: Machine) -> None:
    with machine.open(keep_timestamps=True) as sequencer:
        for ts in (1, DAY, 3650 * DAY):
            sequencer.execute(AdvanceTime(ts_ns=NOON + ts).pack())
    assert machine.times() == [1, DAY, 3650 * DAY]
