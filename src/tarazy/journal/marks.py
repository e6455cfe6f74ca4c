"""Marks in a journal: points at which a state was frozen, waiting for the signed statement that names them later."""

from __future__ import annotations

from typing import NamedTuple

from tarazy.domain.records import RECORD_SIZE, CheckpointMarked, EventKind
from tarazy.journal.frame import Frame

MARKS_MAX = 16  # a facility has one pending; marks that a crash left without a statement are forgotten at last


class Mark(NamedTuple):
    """What is known at a mark: its command, its frame, and in a replay the state there."""

    seq: int
    frame_number: int
    frame_hash: bytes
    state_digest: bytes = b""
    liabilities_root: bytes = b""
    tree_root: bytes = b""
    ts_ns: int = 0
    command_frames: int = 0  # frames of commands up to and with its own


class Marks:
    """The newest marks without a statement; `newest` is the last one that was added, with a statement or without."""

    def __init__(self) -> None:
        self.newest: Mark | None = None
        self._waiting: dict[int, Mark] = {}

    def add(self, mark: Mark) -> None:
        """Keep a mark; the oldest beyond MARKS_MAX is forgotten."""
        self.newest = self._waiting[mark.seq] = mark
        if len(self._waiting) > MARKS_MAX:
            del self._waiting[min(self._waiting)]

    def take(self, seq: int) -> Mark | None:
        """Return the mark at a command and forget it and all before it; None where there is none."""
        mark = self._waiting.get(seq)
        self._waiting = {at: kept for at, kept in self._waiting.items() if at > seq}
        return mark


def is_marked(frame: Frame, events: bytes) -> bool:
    """Say whether the last command of a frame marked a point: its last event says so."""
    last = events[-RECORD_SIZE:]
    if int.from_bytes(last[:2], "little") != EventKind.checkpoint_marked:
        return False
    return CheckpointMarked.unpack(last).seq == frame.header.next_seq - 1
