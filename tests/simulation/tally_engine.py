"""A tiny engine for tests of the journal and the sequencer: it adds up what commands say, as fast as numpy can.

Every command gives one event that shows the running total, except AdvanceTime, which gives none, and TakeCheckpoint,
which gives CheckpointMarked. The result depends on the commands only, not on how they are cut into batches.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from hashlib import sha256

import numpy as np

from tarazy.domain.engine import OfficerKey
from tarazy.domain.records import EDITION, RECORD_SIZE, CheckpointMarked, CommandKind, EventKind

_STATE = struct.Struct("<8sQQQ")
_WORDS = RECORD_SIZE // 8


class TallyEngine:
    """Add up the last eleven words of every command."""

    name = "tally"
    edition = EDITION

    def __init__(self) -> None:
        self.next_seq = 1
        self.last_ts_ns = 0
        self._total = 0
        self._checks = 0

    def apply(self, commands: bytes) -> bytes:
        """Return one event per command, with its number and the running total."""
        if len(commands) % RECORD_SIZE:
            raise ValueError(f"expected a multiple of {RECORD_SIZE} bytes, found {len(commands)}")
        words = np.frombuffer(commands, "<u8").reshape(-1, _WORDS)
        kinds = words[:, 0] & np.uint64(0xFFFF)
        totals = np.cumsum(words[:, 2] ^ words[:, 4], dtype=np.uint64) + np.uint64(self._total)
        events = np.zeros_like(words)
        events[:, 0] = EventKind.order_accepted
        events[:, 1] = np.arange(self.next_seq, self.next_seq + len(words), dtype=np.uint64)
        events[:, 3] = totals
        for row in np.flatnonzero(kinds == CommandKind.take_checkpoint):
            events[row] = np.frombuffer(CheckpointMarked(self.next_seq + int(row)).pack(), "<u8")
        self.next_seq += len(words)
        self.last_ts_ns = int(words[-1, 1])
        self._total = int(totals[-1])
        self._checks += len(words)
        shown: bytes = events[kinds != CommandKind.advance_time].tobytes()
        return shown

    def snapshot(self) -> bytes:
        """Return the state: next number, time and total."""
        return _STATE.pack(b"TALLY\0\0\0", self.next_seq, self.last_ts_ns, self._total)

    def state_digest(self) -> bytes:
        """Return SHA-256 of the snapshot."""
        return sha256(self.snapshot()).digest()

    def audit(self) -> None:
        """Find nothing: there are no parts to add up."""

    def liabilities_root(self) -> bytes:
        """Return a digest of the total alone."""
        return sha256(b"root%d" % self._total).digest()

    def officer_keys(self) -> list[OfficerKey]:
        """Return nobody."""
        return []

    @staticmethod
    def restore_pieces(pieces: Iterable[bytes]) -> TallyEngine:
        """Return an engine in a state that comes piece by piece."""
        return TallyEngine.restore(b"".join(pieces))

    @staticmethod
    def restore(snapshot: bytes) -> TallyEngine:
        """Return an engine in a given state."""
        engine = TallyEngine()
        _, engine.next_seq, engine.last_ts_ns, engine._total = _STATE.unpack(snapshot)
        return engine

    def invariant_counts(self) -> dict[str, int]:
        """Return a count, so that it can be seen to be passed on."""
        return {"CONSERVE": self._checks}
