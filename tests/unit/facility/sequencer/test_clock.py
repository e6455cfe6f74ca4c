"""The clock guard, over sequences of readings: jump, refuse, repair, go on."""

from __future__ import annotations

import logging

import pytest

from tarazy.facility.sequencer.clock import ClockGuard
from tarazy.facility.sequencer.errors import ClockJumpedError

S = 10**9
DAY = 86_400 * S
NOON = 1_800_000_000 * S


class Clocks:
    """A wall clock and a monotonic clock that a test sets."""

    def __init__(self, wall_ns: int = NOON) -> None:
        self.wall_ns, self.steady_ns = wall_ns, 5 * S
        self.alarms: list[str] = []

    def guard(self, last_ts_ns: int = 0) -> ClockGuard:
        """Return a guard over these clocks, with the bounds that are the default."""
        return ClockGuard(
            last_ts_ns, clock_ns=lambda: self.wall_ns, steady_ns=lambda: self.steady_ns, alarm=self.alarms.append
        )

    def run(self, passed_ns: int, wall_extra_ns: int = 0) -> None:
        """Let time pass; the wall clock moves by something more or less."""
        self.steady_ns += passed_ns
        self.wall_ns += passed_ns + wall_extra_ns


def test_forward_jump_is_refused_until_the_clock_is_right_again() -> None:
    clocks = Clocks()
    guard = clocks.guard()
    assert guard.now_ns() == NOON
    clocks.run(10 * S, wall_extra_ns=365 * DAY)
    for _ in range(3):
        with pytest.raises(ClockJumpedError, match=r"at most 60\.005 s ahead of the monotonic clock"):
            guard.now_ns()
    assert len(clocks.alarms) == 1, "an alarm is raised once, an error every time"
    clocks.run(5 * S, wall_extra_ns=-365 * DAY)
    assert guard.now_ns() == NOON + 15 * S
    clocks.run(S, wall_extra_ns=DAY)
    with pytest.raises(ClockJumpedError):
        guard.now_ns()
    assert len(clocks.alarms) == 2, "a new fault is a new alarm"


def test_accepted_gap_goes_on_from_the_new_time_and_guards_again() -> None:
    clocks = Clocks()
    guard = clocks.guard()
    guard.now_ns()
    clocks.run(S, wall_extra_ns=2 * DAY)
    with pytest.raises(ClockJumpedError):
        guard.now_ns()
    guard.accept_time_gap()
    assert guard.now_ns() == NOON + S + 2 * DAY
    clocks.run(S)
    assert guard.now_ns() == NOON + 2 * S + 2 * DAY
    clocks.run(S, wall_extra_ns=2 * DAY)
    with pytest.raises(ClockJumpedError):
        guard.now_ns()


def test_accepted_jump_that_was_wrong_is_waited_out() -> None:
    """The journal's time never goes back: after the repair it stands until the clock has caught up."""
    clocks = Clocks()
    guard = clocks.guard()
    guard.now_ns()
    clocks.run(0, wall_extra_ns=DAY)
    guard.accept_time_gap()
    assert guard.now_ns() == NOON + DAY
    clocks.run(S, wall_extra_ns=-DAY)
    assert guard.now_ns() == NOON + DAY
    assert "went back by 86399.000 s" in clocks.alarms[-1]
    clocks.run(DAY)
    assert guard.now_ns() == NOON + DAY + S


def test_many_small_jumps_do_not_add_up_to_a_large_one() -> None:
    clocks = Clocks()
    guard = clocks.guard()
    guard.now_ns()
    for _ in range(6):
        clocks.run(S, wall_extra_ns=10 * S)
        guard.now_ns()
    clocks.run(S, wall_extra_ns=10 * S)
    with pytest.raises(ClockJumpedError):
        guard.now_ns()


def test_clock_that_is_slewed_at_the_kernels_rate_passes() -> None:
    """500 ppm is the largest frequency correction of adjtimex(2): 43.2 s a day."""
    clocks = Clocks()
    guard = clocks.guard()
    for _ in range(30):
        guard.now_ns()
        clocks.run(DAY, wall_extra_ns=DAY * 500 // 1_000_000)
    assert guard.now_ns() == NOON + 30 * DAY + 30 * 43_200_000_000
    assert clocks.alarms == []


def test_backward_jump_keeps_the_last_time_and_alarms_once() -> None:
    clocks = Clocks()
    guard = clocks.guard()
    guard.now_ns()
    clocks.run(S, wall_extra_ns=-3600 * S)
    assert [guard.now_ns() for _ in range(3)] == [NOON] * 3
    assert len(clocks.alarms) == 1
    assert "went back by 3599.000 s" in clocks.alarms[0]
    clocks.run(S, wall_extra_ns=3600 * S)
    assert guard.now_ns() == NOON + 2 * S
    clocks.run(0, wall_extra_ns=-S // 2)
    assert guard.now_ns() == NOON + 2 * S
    assert len(clocks.alarms) == 1, "half a second back is not worth an alarm"


def test_start_after_more_than_seven_days_is_refused_until_it_is_accepted() -> None:
    clocks = Clocks()
    guard = clocks.guard(last_ts_ns=NOON - 7 * DAY - 1)
    with pytest.raises(ClockJumpedError, match=r"expected at most 604800\.000 s since the last journaled command"):
        guard.now_ns()
    guard.accept_time_gap()
    assert guard.now_ns() == NOON
    assert clocks.guard(last_ts_ns=NOON - 7 * DAY).now_ns() == NOON


def test_start_with_a_clock_far_behind_goes_on_when_it_is_repaired() -> None:
    """A machine whose clock starts in 1970 and is set right a minute later was down for an hour, no more."""
    clocks = Clocks(wall_ns=60 * S)
    guard = clocks.guard(last_ts_ns=NOON)
    assert guard.now_ns() == NOON
    assert len(clocks.alarms) == 1
    clocks.steady_ns += 60 * S
    clocks.wall_ns = NOON + 3600 * S
    assert guard.now_ns() == NOON + 3600 * S
    clocks.run(S, wall_extra_ns=61 * S)
    with pytest.raises(ClockJumpedError):
        guard.now_ns()


def test_alarm_that_fails_is_logged_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def fails(sentence: str) -> None:
        raise RuntimeError("no telephone")

    clocks = Clocks()
    guard = ClockGuard(NOON + DAY, clock_ns=lambda: clocks.wall_ns, steady_ns=lambda: 0, alarm=fails)
    with caplog.at_level(logging.ERROR):
        assert guard.now_ns() == NOON + DAY
    assert "the clock went back" in caplog.text
