"""The log's half of the commit pipeline: a frame becomes durable, then its events are released. In frame order, always.

The log may have several frames in flight and call back from a thread of its own; a frame that is durable waits for the
ones before it. What is durable goes into the tree, to the listeners and to the callers, and a head is signed when one
is due. A head and a notice are only made when nothing is in flight, since they speak of what is durable.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from hashlib import sha256

from tarazy.domain.engine import InvariantBroken
from tarazy.domain.records import RECORD_SIZE
from tarazy.facility.sequencer.checkpoint import Checkpointer, Mark
from tarazy.facility.sequencer.errors import EngineMismatchError, SequencerStoppedError
from tarazy.facility.sequencer.heads import Heads
from tarazy.facility.sequencer.inbox import Notice
from tarazy.facility.sequencer.listeners import Listeners
from tarazy.facility.sequencer.log import Log
from tarazy.facility.sequencer.staged_batch import StagedBatch
from tarazy.facility.sequencer.submission import CheckpointMark, split_events
from tarazy.journal.frame import Frame, FrameKind, Written
from tarazy.journal.rotation import rotated_key


class Committer:
    """The log's half. Counts how often RELEASE was checked, once per command."""

    def __init__(
        self,
        log: Log,
        heads: Heads,
        listeners: Listeners,
        checkpointer: Checkpointer,
        *,
        settle: Callable[[int], None],
        stop: Callable[[BaseException], None],
    ) -> None:
        self.log = log
        self.released_seq = log.durable_seq
        self.release_checks = 0
        self.heads = heads
        self._listeners = listeners
        self._checkpointer = checkpointer
        self._settle, self._stop = settle, stop
        # Once everything is released a caller may have the engine, while the log's thread still has a head to append;
        # whoever comes with the next frame waits here.
        self._half = threading.Lock()
        self._order = threading.RLock()
        self._drained = threading.Condition(self._order)
        self._in_flight: deque[StagedBatch] = deque()
        self._failed = False

    def commit(self, batch: StagedBatch) -> None:
        """Hand a batch to the log, which makes it durable, and release its events then; sign a head when one is due."""
        if batch.draft.kind == FrameKind.commands:
            batch.draft = batch.draft._replace(events_digest=sha256(batch.events).digest())
        with self._half:
            self._append(batch)
            if self.heads.is_due:
                self._drain()
                self._append(StagedBatch(self.heads.draft()))

    def notice(self, notice: Notice) -> None:
        """Append a frame of the writer's own, if it is still wanted."""
        with self._half:
            self._drain()
            draft = notice.draft()
            if draft is not None:
                self._append(StagedBatch(draft, notice=notice))
                return
        notice.future.set_result(None)
        self._settle(1)

    def _drain(self) -> None:
        """Wait until nothing is in flight: the tree has only durable frames."""
        with self._drained:
            while self._in_flight and not self._failed:
                self._drained.wait()

    def _append(self, batch: StagedBatch) -> None:
        """Append a frame; its release happens when the log says that it is durable."""
        with self._order:
            self._in_flight.append(batch)
        self.log.append(batch.draft, lambda written: self._durable(batch, written))

    def _durable(self, batch: StagedBatch, written: Written) -> None:
        """Release what is durable, in frame order; a defect found here stops the writer and spares the log's thread."""
        with self._order:
            batch.written = written
            while self._in_flight and (first := self._in_flight[0]).written is not None and not self._failed:
                self._in_flight.popleft()
                try:
                    self._release(first, first.written)
                except BaseException as error:
                    self._stop(error)
                    first.fail(SequencerStoppedError(error))
            self._drained.notify_all()

    def _release(self, batch: StagedBatch, written: Written) -> None:
        """Take a durable frame into the tree, answer the callers, and give it to the listeners.

        RELEASE: nothing leaves before it is durable. The listeners come last: one that is woken earlier only waits for
        the interpreter until the callers are answered, and wakes twice.
        """
        header, draft = written.header, batch.draft
        if batch.first_seq not in (None, header.first_seq):
            raise EngineMismatchError(f"command {header.first_seq} next", f"command {batch.first_seq}")
        last_seq = header.first_seq + batch.command_count - 1
        if last_seq > self.log.durable_seq:
            detail = f"only the commands up to {self.log.durable_seq} are durable"
            raise InvariantBroken("RELEASE", last_seq, detail)
        self.release_checks += batch.command_count
        self.released_seq = last_seq
        self.heads.add(draft.kind, written)
        if batch.notice is not None:
            batch.notice.future.set_result(written)
            self._settle(1)
        if batch.parts:
            self._answer(batch, written)
        if draft.instructions and (public_key := rotated_key(batch.events)):
            self.heads.signer.rotate(public_key)
        frame = Frame(header, draft.commands, draft.instructions, draft.references, written.frame_hash)
        self._listeners.publish(frame, batch.events)

    def _answer(self, batch: StagedBatch, written: Written) -> None:
        """Hand out receipts; the child of a checkpoint's mark is waited for from here on."""
        self._settle(batch.command_count)
        seq = written.header.first_seq
        counts = [part.command_count for part in batch.parts]
        for part, events in zip(batch.parts, split_events(batch.events, seq, counts), strict=True):
            if isinstance(part.submission, CheckpointMark):
                self._checkpointer.begin(part.submission, self._mark(batch, written))
            at = (seq - written.header.first_seq) * RECORD_SIZE + 8
            ts_ns = int.from_bytes(batch.draft.commands[at : at + 8], "little")
            part.submission.release(seq, part.command_count, events, ts_ns)
            seq += part.command_count

    def _mark(self, batch: StagedBatch, written: Written) -> Mark:
        """Return what a statement says about the place of its mark."""
        command = batch.draft.commands[-RECORD_SIZE:]
        return Mark(
            written.header.next_seq - 1,
            written.header.frame_number,
            written.frame_hash,
            int.from_bytes(command[8:16], "little"),
            self.heads.frontier.copy(),
        )

    def fail(self, reason: BaseException) -> None:
        """Tell everybody in flight that they are not acknowledged; nothing is released any more."""
        with self._order:
            self._failed = True
            failed = list(self._in_flight)
            self._in_flight.clear()
            self._drained.notify_all()
        for batch in failed:
            batch.fail(reason)
