"""Give commands their time. Bytes 8 to 15 of a command are `ts_ns`."""

from __future__ import annotations

import numpy as np

from tarazy.domain.records import RECORD_SIZE

_STAMP_AT, _STAMP_END = 8, 16
_WORDS = RECORD_SIZE // 8


def stamp_now(commands: bytes, now_ns: int) -> bytes:
    """Return the commands with the sequencer's time, whatever time they carried."""
    if len(commands) == RECORD_SIZE:
        return commands[:_STAMP_AT] + now_ns.to_bytes(8, "little") + commands[_STAMP_END:]
    words = np.frombuffer(commands, "<u8").reshape(-1, _WORDS).copy()
    words[:, 1] = now_ns
    return words.tobytes()


def stamp_missing(commands: bytes, last_ts_ns: int) -> bytes:
    """Return recorded commands with their own times; one without a time gets the latest before it, at least 1.

    The result is never zero, so that no command of a journal is all zeros.
    """
    times = np.frombuffer(commands, "<u8").reshape(-1, _WORDS)[:, 1]
    if times.all():
        return commands
    words = np.frombuffer(commands, "<u8").reshape(-1, _WORDS).copy()
    latest = np.maximum(np.maximum.accumulate(times), max(last_ts_ns, 1))
    words[:, 1] = np.where(times == 0, latest, times)
    return words.tobytes()
