"""One frame's way: the engine applies it, the log makes it durable, its events are released. In this order, always.

`Applier` and `Committer` never touch each other's half, so they may run in two threads with drafts between them, or
one after the other in a caller's thread.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

from tarazy.domain.engine import Engine, InvariantBroken
from tarazy.domain.records import RECORD_SIZE
from tarazy.facility.sequencer.checkpoint import Checkpointer
from tarazy.facility.sequencer.errors import EngineMismatchError
from tarazy.facility.sequencer.log import Log
from tarazy.facility.sequencer.stamp import stamp_missing, stamp_now
from tarazy.facility.sequencer.submission import Part, split_events
from tarazy.journal.frame import FrameKind


class Draft(NamedTuple):
    """A frame that the engine has applied and that is not durable yet; `state` and `root` are those of a checkpoint."""

    first_seq: int
    payload: bytes
    events: bytes
    parts: list[Part]
    state: bytes | None
    root: bytes

    @property
    def command_count(self) -> int:
        """Return how many commands the frame holds."""
        return len(self.payload) // RECORD_SIZE


class Applier:
    """The engine's half."""

    def __init__(self, engine: Engine, clock_ns: Callable[[], int], *, keep_timestamps: bool) -> None:
        self.engine = engine
        self._clock_ns = clock_ns
        self._keep_timestamps = keep_timestamps

    def apply(self, parts: list[Part]) -> Draft:
        """Give the commands their time and number and run them."""
        engine = self.engine
        payload = parts[0].commands if len(parts) == 1 else b"".join([part.commands for part in parts])
        if self._keep_timestamps:
            payload = stamp_missing(payload, engine.last_ts_ns)
        else:
            payload = stamp_now(payload, max(self._clock_ns(), engine.last_ts_ns))
        first_seq = engine.next_seq
        events = engine.apply(payload)
        if not parts[-1].submission.is_checkpoint:
            return Draft(first_seq, payload, events, parts, None, b"")
        engine.audit()
        return Draft(first_seq, payload, events, parts, engine.snapshot(), engine.liabilities_root())


class Committer:
    """The log's half. Counts how often RELEASE was checked, once per command."""

    def __init__(self, log: Log, checkpointer: Checkpointer) -> None:
        self.log = log
        self._checkpointer = checkpointer
        self.released_seq = log.durable_seq
        self.release_checks = 0

    def commit(self, draft: Draft) -> None:
        """Make the frame durable, then release its events."""
        written = self.log.append(
            FrameKind.commands,
            draft.payload,
            command_count=draft.command_count,
            event_count=len(draft.events) // RECORD_SIZE,
            events_digest=sha256(draft.events).digest(),
        )
        if written.header.first_seq != draft.first_seq:
            raise EngineMismatchError(f"command {written.header.first_seq} next", f"command {draft.first_seq}")
        if draft.state is not None:
            checkpoint = self._checkpointer.sign(written, draft.payload, draft.events, draft.state, draft.root)
            draft.parts[-1].submission.checkpoint = checkpoint
        self._release(draft)

    def _release(self, draft: Draft) -> None:
        """Hand out receipts. RELEASE: nothing leaves before it is durable."""
        last_seq = draft.first_seq + draft.command_count - 1
        if last_seq > self.log.durable_seq:
            detail = f"only the commands up to {self.log.durable_seq} are durable"
            raise InvariantBroken("RELEASE", last_seq, detail)
        self.release_checks += draft.command_count
        self.released_seq = last_seq
        seq = draft.first_seq
        counts = [part.command_count for part in draft.parts]
        for part, events in zip(draft.parts, split_events(draft.events, seq, counts), strict=True):
            receipt = part.submission.release(seq, part.command_count, events)
            seq += part.command_count
            if receipt is None:
                continue
            if part.submission.is_checkpoint:
                self._checkpointer.store(part.submission, receipt)
            else:
                part.submission.future.set_result(receipt)


def fail(parts: list[Part], reason: BaseException) -> None:
    """Tell everybody in a frame that it is not acknowledged."""
    for part in parts:
        part.submission.fail(reason)
