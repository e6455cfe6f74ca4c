"""The clock of the journal: the wall clock, guarded by one that nobody can set.

A wall clock that jumps a year ahead would expire every order that is good till a date, and no later repair would bring
them back, because the journal's time never goes back. So a time is only given out when the wall clock has moved as far
as the monotonic clock, within a bound; otherwise stamping stops, an alarm is raised, and nothing was ordered. It goes
on by itself once the clock is right again, or when a person accepts the gap.

The bound holds for the whole run, not from one command to the next, so that many small jumps do not pass; besides it
the wall clock may drift by 500 parts per million, which is the fastest rate at which the kernel slews it.
Not handled: a clock that was wrong before the first command of a facility, for which there is nothing to compare with.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from tarazy.facility.sequencer.errors import ClockJumpedError

CLOCK_JUMP_MAX_NS = 60 * 10**9
TIME_GAP_MAX_NS = 7 * 86_400 * 10**9
BACKWARD_ALARM_NS = 10**9
SLEW_PPM = 500

Clock = Callable[[], int]
Alarm = Callable[[str], None]
_log = logging.getLogger(__name__)


def monotonic_ns() -> int:
    """Return the clock that nobody can set and that goes on while the machine is suspended."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def log_alarm(sentence: str) -> None:
    """Raise the alarm where nobody else listens: in the program's log."""
    _log.error(sentence)


class ClockGuard:
    """Give the time of the next batch, or refuse to.

    Units: UTC nanoseconds; `last_ts_ns` is the time of the last journaled command, 0 for none.
    """

    def __init__(
        self,
        last_ts_ns: int,
        *,
        clock_ns: Clock = time.time_ns,
        steady_ns: Clock = monotonic_ns,
        clock_jump_max_ns: int = CLOCK_JUMP_MAX_NS,
        time_gap_max_ns: int = TIME_GAP_MAX_NS,
        alarm: Alarm = log_alarm,
    ) -> None:
        self._clock_ns, self._steady_ns = clock_ns, steady_ns
        self._clock_jump_max_ns, self._time_gap_max_ns = clock_jump_max_ns, time_gap_max_ns
        self._alarm = alarm
        self._last_ns = last_ts_ns
        self._wall_ns = self._steady_at_ns = 0
        self._started = False
        self._alarmed = ""
        self._accepts = False

    def accept_time_gap(self) -> None:
        """Take the wall clock as right at the next command, however far it has moved."""
        self._accepts = True

    def now_ns(self) -> int:
        """Return the time of the next batch, never before the one given last.

        Raises: ClockJumpedError; then no time was given, and the next call looks again.
        """
        wall_ns, steady_ns = self._clock_ns(), self._steady_ns()
        if self._accepts or not self._started:
            self._begin(wall_ns, steady_ns)
        else:
            self._check_forward(wall_ns, steady_ns)
        self._check_backward(wall_ns)
        self._last_ns = max(self._last_ns, wall_ns)
        return self._last_ns

    def _begin(self, wall_ns: int, steady_ns: int) -> None:
        """Begin to compare the two clocks; a wall clock that has not reached the last journaled time waits for that."""
        gap_ns = wall_ns - self._last_ns
        if self._last_ns and gap_ns > self._time_gap_max_ns and not self._accepts:
            self._refuse("since the last journaled command", self._time_gap_max_ns, gap_ns)
        self._accepts, self._started = False, gap_ns >= 0
        self._wall_ns, self._steady_at_ns = wall_ns, steady_ns

    def _check_forward(self, wall_ns: int, steady_ns: int) -> None:
        """Refuse a wall clock that has run ahead of the monotonic one."""
        passed_ns = steady_ns - self._steady_at_ns
        allowed_ns = self._clock_jump_max_ns + passed_ns * SLEW_PPM // 1_000_000
        ahead_ns = wall_ns - self._wall_ns - passed_ns
        if ahead_ns > allowed_ns:
            self._refuse("ahead of the monotonic clock", allowed_ns, ahead_ns)

    def _check_backward(self, wall_ns: int) -> None:
        """Raise the alarm, once, while the wall clock stands before the last time that was given."""
        behind_ns = self._last_ns - wall_ns
        if behind_ns <= BACKWARD_ALARM_NS:
            self._alarmed = ""
            return
        self._raise_alarm(
            "backward",
            f"the clock went back by {behind_ns / 1e9:.3f} s: commands keep the time {self._last_ns} until it has "
            "caught up. Set the clock right.",
        )

    def _refuse(self, place: str, allowed_ns: int, found_ns: int) -> None:
        """Raise the alarm, once, and the error, every time."""
        error = ClockJumpedError(place, allowed_ns, found_ns)
        self._raise_alarm("forward", str(error))
        raise error

    def _raise_alarm(self, kind: str, sentence: str) -> None:
        """Raise an alarm at the beginning of a fault, not at every command; one that fails is only logged."""
        if self._alarmed == kind:
            return
        self._alarmed = kind
        try:
            self._alarm(sentence)
        except Exception:
            _log.exception("the clock's alarm failed; it would have said: %s", sentence)
