"""What callers hand in and what they get back."""

from __future__ import annotations

from concurrent.futures import Future
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from tarazy.domain.records import RECORD_SIZE
from tarazy.journal.snapshots import Snapshot
from tarazy.journal.statement import Statement

_WORDS = RECORD_SIZE // 8


class Receipt(NamedTuple):
    """Proof that commands are durable: the number of the first one, how many they are, and their events."""

    first_seq: int
    command_count: int
    events: bytes


class Checkpoint(NamedTuple):
    """What a checkpoint made: the signed statement and the state it speaks of."""

    statement: Statement
    snapshot: Snapshot


class Submission:
    """Commands of one caller on their way. A large one may be spread over several frames."""

    __slots__ = ("_events", "_first_seq", "_released", "checkpoint", "commands", "future", "is_checkpoint", "taken")

    def __init__(self, commands: bytes, *, is_checkpoint: bool = False) -> None:
        self.commands = commands
        self.is_checkpoint = is_checkpoint
        self.checkpoint: Checkpoint | None = None
        self.future: Future[Receipt] = Future()
        self.future.set_running_or_notify_cancel()
        self.taken = 0
        self._released = 0
        self._first_seq = 0
        self._events: list[bytes] = []

    @property
    def command_count(self) -> int:
        """Return how many commands there are."""
        return len(self.commands) // RECORD_SIZE

    def release(self, first_seq: int, command_count: int, events: bytes) -> Receipt | None:
        """Take the events of some of the commands; return the receipt when it was the rest of them."""
        if self._released == 0:
            self._first_seq = first_seq
        self._released += command_count
        self._events.append(events)
        if self._released < self.command_count:
            return None
        return Receipt(self._first_seq, self._released, b"".join(self._events))

    def fail(self, reason: BaseException) -> None:
        """Tell the caller that the commands are not acknowledged."""
        if not self.future.done():
            self.future.set_exception(reason)


class Part(NamedTuple):
    """A run of one submission's commands inside one frame."""

    submission: Submission
    first: int
    command_count: int

    @property
    def commands(self) -> bytes:
        """Return the commands of the run."""
        if self.command_count == self.submission.command_count:
            return self.submission.commands
        return self.submission.commands[self.first * RECORD_SIZE : (self.first + self.command_count) * RECORD_SIZE]


def split_events(events: bytes, first_seq: int, counts: list[int]) -> list[bytes]:
    """Return the events of each run of commands; the numbers that events carry never fall."""
    if len(counts) == 1:
        return [events]
    starts = first_seq + np.cumsum([0, *counts[:-1]])
    seqs = np.frombuffer(events, "<u8").reshape(-1, _WORDS)[:, 1]
    bounds = [*(np.searchsorted(seqs, starts.astype(np.uint64)) * RECORD_SIZE).tolist(), len(events)]
    return [events[start:end] for start, end in pairwise(bounds)]
