"""What callers hand in and what they get back."""

from __future__ import annotations

import contextlib
import struct
from concurrent.futures import Future, InvalidStateError
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from tarazy.domain.records import RECORD_SIZE
from tarazy.facility.sequencer.freeze import Child
from tarazy.journal.frame import padded
from tarazy.journal.sections import TEXT_BYTES_MAX, RequestReference, encode_entries
from tarazy.journal.statement import Statement

_WORDS = RECORD_SIZE // 8
_SEQ, SEQ_AT = struct.Struct("<Q"), 8
FEW_BYTES = 128 * RECORD_SIZE  # up to here a loop is done before the columns are made
_REFERENCE_BYTES_MAX = len(RequestReference(0, 0, bytes(32), "x" * TEXT_BYTES_MAX).encode())


class Receipt(NamedTuple):
    """Proof that commands are durable: the number of the first one, how many they are, their events, and the time that
    the first one was given, UTC nanoseconds."""

    first_seq: int
    command_count: int
    events: bytes
    ts_ns: int


class Submission:
    """Commands of one caller on their way; with instructions they stay in one frame, else they may be spread.

    `references` name commands by their place in the submission, lowest first.
    """

    __slots__ = (
        "_events",
        "_first_seq",
        "_released",
        "_ts_ns",
        "commands",
        "future",
        "instructions",
        "references",
        "taken",
    )

    def __init__(
        self, commands: bytes, instructions: bytes = b"", references: tuple[RequestReference, ...] = ()
    ) -> None:
        self.commands = commands
        self.instructions = instructions
        self.references = references
        self.future: Future[Receipt] = Future()
        self.future.set_running_or_notify_cancel()
        self.taken = 0
        self._released = 0
        self._first_seq = self._ts_ns = 0
        self._events: list[bytes] = []

    @property
    def command_count(self) -> int:
        """Return how many commands there are."""
        return len(self.commands) // RECORD_SIZE

    @property
    def is_whole(self) -> bool:
        """Say whether the commands must stay together in one frame."""
        return bool(self.instructions)

    @property
    def is_dead(self) -> bool:
        """Say whether the caller was told already that it failed, so that the rest of it is not to be ordered."""
        return self.future.done()

    @property
    def command_bytes_max(self) -> int:
        """Return the most bytes that one of its commands takes in a frame."""
        return RECORD_SIZE + (_REFERENCE_BYTES_MAX if self.references else 0)

    @property
    def whole_bytes(self) -> int:
        """Return the most bytes that all of it takes in one frame."""
        return self.command_count * self.command_bytes_max + padded(len(self.instructions))

    def release(self, first_seq: int, command_count: int, events: bytes, ts_ns: int) -> None:
        """Take the events of some of the commands; answer the caller when it was the rest of them."""
        if self._released == 0:
            self._first_seq, self._ts_ns = first_seq, ts_ns
        self._released += command_count
        self._events.append(events)
        if self._released == self.command_count and not self.future.done():
            self.future.set_result(Receipt(self._first_seq, self._released, b"".join(self._events), self._ts_ns))

    def fail(self, reason: BaseException) -> None:
        """Tell the caller that the commands are not acknowledged."""
        if not self.future.done():
            self.future.set_exception(reason)


class CheckpointMark(Submission):
    """A TakeCheckpoint on its way; the frame ends with it, and `child` works on the state that it marks.

    `future` tells when the mark is durable, `statement` when the signed statement and the snapshot are.
    """

    __slots__ = ("child", "statement")

    def __init__(self, command: bytes) -> None:
        super().__init__(command)
        self.child: Child | None = None
        self.statement: Future[Statement] = Future()
        self.statement.set_running_or_notify_cancel()

    def fail(self, reason: BaseException) -> None:
        """Tell the caller that there is no checkpoint, and let go of the frozen state."""
        super().fail(reason)
        if self.child is not None:
            self.child.end()
            self.child = None
        with contextlib.suppress(InvalidStateError):
            self.statement.set_exception(reason)


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

    def references(self, index: int) -> list[RequestReference]:
        """Return the references of the run, whose first command is the frame's command `index`."""
        last = self.first + self.command_count
        moved = index - self.first
        return [
            reference._replace(command_index=reference.command_index + moved)
            for reference in self.submission.references
            if self.first <= reference.command_index < last
        ]


def instructions_section(parts: list[Part]) -> bytes:
    """Return the frame's instructions: the entries of its submissions, in order."""
    return b"".join([part.submission.instructions for part in parts if part.submission.instructions])


def references_section(parts: list[Part]) -> bytes:
    """Return the frame's references: those of its submissions, by the commands' places in the frame."""
    entries: list[RequestReference] = []
    index = 0
    for part in parts:
        if part.submission.references:
            entries += part.references(index)
        index += part.command_count
    return encode_entries(entries)


def split_events(events: bytes, first_seq: int, counts: list[int]) -> list[bytes]:
    """Return the events of each run of commands; the numbers that events carry never fall."""
    if len(counts) == 1:
        return [events]
    if len(events) <= FEW_BYTES:
        return _split_few(events, first_seq, counts)
    starts = first_seq + np.cumsum([0, *counts[:-1]])
    seqs = np.frombuffer(events, "<u8").reshape(-1, _WORDS)[:, 1]
    bounds = [*(np.searchsorted(seqs, starts.astype(np.uint64)) * RECORD_SIZE).tolist(), len(events)]
    return [events[start:end] for start, end in pairwise(bounds)]


def _split_few(events: bytes, first_seq: int, counts: list[int]) -> list[bytes]:
    """Return the events of each run of commands where they are few."""
    found, start, at, seq = [], 0, 0, first_seq
    for count in counts:
        seq += count
        while at < len(events) and _SEQ.unpack_from(events, at + SEQ_AT)[0] < seq:
            at += RECORD_SIZE
        found.append(events[start:at])
        start = at
    return found
