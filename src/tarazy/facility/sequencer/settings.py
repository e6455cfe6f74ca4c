"""What can be set about a sequencer, each with its default and its unit."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

from tarazy.facility.sequencer.clock import CLOCK_JUMP_MAX_NS, TIME_GAP_MAX_NS, Alarm, Clock, log_alarm, monotonic_ns
from tarazy.facility.sequencer.freeze import CHILD_TIMEOUT_S, WRITE_BYTES_PER_S
from tarazy.facility.sequencer.heads import HEAD_COMMANDS_MAX, HEAD_INTERVAL_S

FRAME_COMMANDS_MAX = 4096
FROZEN_FRAME_COMMANDS_MAX = 1024
QUEUE_COMMANDS_MAX = 1 << 18


@dataclass(frozen=True)
class Settings:
    """How a sequencer works.

    `keep_timestamps` keeps the times that commands carry (a recorded flow is played); else all get the clock's, and
    `clock_jump_max_ns`, `time_gap_max_ns`, `accept_time_gap` and `alarm` guard it (`clock.py`). While a state is frozen
    frames are smaller, because every page that a command touches first is copied. `snapshots_keep` None keeps all.
    """

    keep_timestamps: bool = False
    frame_commands_max: int = FRAME_COMMANDS_MAX
    frozen_frame_commands_max: int = FROZEN_FRAME_COMMANDS_MAX
    queue_commands_max: int = QUEUE_COMMANDS_MAX
    snapshots_keep: int | None = None
    clock_ns: Clock = time.time_ns
    steady_ns: Clock = monotonic_ns
    clock_jump_max_ns: int = CLOCK_JUMP_MAX_NS
    time_gap_max_ns: int = TIME_GAP_MAX_NS
    accept_time_gap: bool = False
    alarm: Alarm = log_alarm
    head_commands_max: int = HEAD_COMMANDS_MAX
    head_interval_s: float = HEAD_INTERVAL_S
    checkpoint_timeout_s: int = CHILD_TIMEOUT_S
    snapshot_bytes_per_s: int = WRITE_BYTES_PER_S


class Options(TypedDict, total=False):
    """The same by name, for those who set a few; see `Settings`."""

    keep_timestamps: bool
    frame_commands_max: int
    frozen_frame_commands_max: int
    queue_commands_max: int
    snapshots_keep: int | None
    clock_ns: Callable[[], int]
    steady_ns: Callable[[], int]
    clock_jump_max_ns: int
    time_gap_max_ns: int
    accept_time_gap: bool
    alarm: Alarm
    head_commands_max: int
    head_interval_s: float
    checkpoint_timeout_s: int
    snapshot_bytes_per_s: int
