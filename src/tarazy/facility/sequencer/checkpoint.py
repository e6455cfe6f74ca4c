"""Checkpoints without a pause: a command marks a point, a frozen copy is worked on, a later statement signs the result.

    engine's half   the batch with the mark is applied, and the state frozen right behind it
    log's half      the mark's frame is durable: the child learns where its snapshot's state begins
    watcher         the child's digests come: the statement is signed and appended like any frame; when it is durable
                    the snapshot's file, which the child has written, gets its head and its name
One is under way at most. What befalls the child only makes the checkpoint fail, and a mark without a statement is
legal. An invariant that the child finds broken stops the writer, as one that breaks in the engine does.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError, wait
from typing import NamedTuple

from tarazy.domain.engine import Engine, InvariantBroken
from tarazy.domain.records import TakeCheckpoint
from tarazy.facility.sequencer.errors import CheckpointFailedError, CheckpointPendingError, SequencerStoppedError
from tarazy.facility.sequencer.freeze import CHILD_TIMEOUT_S, WRITE_BYTES_PER_S, Child, Freeze, FrozenState, freeze
from tarazy.facility.sequencer.huge_pages import collapse_memory
from tarazy.facility.sequencer.inbox import Notice
from tarazy.facility.sequencer.signer import FacilitySigner
from tarazy.facility.sequencer.snapshot_store import SnapshotStore, state_offset
from tarazy.facility.sequencer.submission import CheckpointMark
from tarazy.journal.errors import JournalError
from tarazy.journal.frame import FrameDraft
from tarazy.journal.identity import Identity
from tarazy.journal.merkle import Frontier
from tarazy.journal.statement import Statement

_log = logging.getLogger(__name__)


class Mark(NamedTuple):
    """Where a mark stands: its command, its frame, and the tree over all frames up to that one."""

    seq: int
    frame_number: int
    frame_hash: bytes
    ts_ns: int
    frontier: Frontier


class CheckpointReport(NamedTuple):
    """What the last checkpoint cost: how long the engine stood still for the fork, and the child's seconds by part."""

    seq: int
    fork_ns: int
    state_bytes: int
    seconds: dict[str, float]


class Checkpointer:
    """Take checkpoints one at a time."""

    def __init__(
        self,
        identity: Identity,
        signer: FacilitySigner,
        store: SnapshotStore,
        *,
        timeout_s: int = CHILD_TIMEOUT_S,
        write_bytes_per_s: int = WRITE_BYTES_PER_S,
    ) -> None:
        self.last: CheckpointReport | None = None
        self._identity = identity
        self._signer = signer
        self._store = store
        self._timeout_s = timeout_s
        self._write_bytes_per_s = write_bytes_per_s
        self._pending = threading.Lock()
        self._mark: CheckpointMark | None = None
        self._child: Child | None = None
        self._watcher: threading.Thread | None = None
        self._put_notice: Callable[[Notice], None] = lambda notice: notice.fail(SequencerStoppedError(None))
        self._stop: Callable[[BaseException], None] = lambda reason: None

    def connect(self, put_notice: Callable[[Notice], None], stop: Callable[[BaseException], None]) -> None:
        """Learn the way of a statement into the journal, and how the writer is stopped."""
        self._put_notice, self._stop = put_notice, stop

    def start(self, *, wait: bool) -> CheckpointMark:
        """Return a new mark, to be submitted; the next one can start when its `statement` is done.

        Prepares the memory for the fork, which takes the caller some time and the engine none.

        Raises: CheckpointPendingError while another one is under way and the caller does not wait.
        """
        if not self._pending.acquire(blocking=wait):
            raise CheckpointPendingError
        collapse_memory()
        mark = CheckpointMark(TakeCheckpoint().pack())
        mark.statement.add_done_callback(lambda done: self._pending.release())
        self._mark = mark
        return mark

    @property
    def is_pending(self) -> bool:
        """Say whether a checkpoint is under way."""
        return self._pending.locked()

    def freeze(self, engine: Engine, seq: int) -> Child:
        """Freeze the engine's state in the thread that runs the engine. Raises: CheckpointFailedError."""
        path = self._store.new_path(seq)
        return freeze(engine, Freeze(path, self._write_bytes_per_s, self._timeout_s))

    def begin(self, submission: CheckpointMark, mark: Mark) -> None:
        """Go on with a mark that is durable, in a thread of its own; nothing where nothing was frozen."""
        child, submission.child = submission.child, None
        if child is None:
            return
        self._child = child
        child.write_at(state_offset(mark.frontier))
        self._watcher = threading.Thread(
            target=self._watch, args=(child, mark, submission.statement), name="tarazy-checkpoint"
        )
        self._watcher.start()

    def _watch(self, child: Child, mark: Mark, done: Future[Statement]) -> None:
        """See a checkpoint through and tell its caller what became of it."""
        try:
            frozen = child.result()
            self.last = CheckpointReport(mark.seq, child.fork_ns, frozen.state_bytes, frozen.seconds)
            statement = self._append(mark, frozen)
            self._store.finish(statement, mark.frontier)
        except InvariantBroken as broken:
            self._stop(broken)
            self._fail(mark, done, SequencerStoppedError(broken))
        except (CheckpointFailedError, SequencerStoppedError, JournalError) as error:
            self._fail(mark, done, error)
        except BaseException as error:
            self._fail(mark, done, CheckpointFailedError("a signed statement", f"{type(error).__name__}: {error}"))
        else:
            _settle(done, statement)

    def _append(self, mark: Mark, frozen: FrozenState) -> Statement:
        """Sign the statement when its turn in the log has come, with the key that counts there; return it durable."""
        signed: list[Statement] = []

        def draft() -> FrameDraft:
            signed.append(self._sign(mark, frozen))
            return signed[0].draft()

        notice = Notice(draft)
        self._put_notice(notice)
        notice.future.result()
        return signed[0]

    def _sign(self, mark: Mark, frozen: FrozenState) -> Statement:
        """Return the signed statement."""
        return Statement(
            facility_id=self._identity.facility_id,
            seq=mark.seq,
            frame_number=mark.frame_number,
            frame_hash=mark.frame_hash,
            state_digest=frozen.state_digest,
            liabilities_root=frozen.liabilities_root,
            ts_ns=mark.ts_ns,
            edition=self._identity.edition,
            tree_size=mark.frontier.size,
            state_bytes=frozen.state_bytes,
            tree_root=mark.frontier.root(),
        ).signed(self._signer)

    def _fail(self, mark: Mark, done: Future[Statement], error: BaseException) -> None:
        """Say that there is no checkpoint, and remove what the child has written."""
        _log.error("checkpoint at command %d: %s", mark.seq, error)
        self._store.discard(mark.seq)
        _settle(done, error)

    def abort(self) -> None:
        """End the child of the checkpoint under way: the writer has stopped."""
        if self._child is not None:
            self._child.kill()

    def close(self) -> None:
        """Wait for the checkpoint under way, from its mark in the queue to its end."""
        if self._mark is not None:
            wait([self._mark.statement])
        if self._watcher is not None:
            self._watcher.join()


def _settle(done: Future[Statement], outcome: Statement | BaseException) -> None:
    """Tell the caller, unless the writer's stop has done so."""
    with contextlib.suppress(InvalidStateError):
        if isinstance(outcome, BaseException):
            done.set_exception(outcome)
        else:
            done.set_result(outcome)
