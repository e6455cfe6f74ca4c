"""The sequencer: many callers in, one order out. Nothing is answered before it is durable.

Commands come in as bytes, wait in the inbox and leave it as frames: all that waits is one frame, up to a limit. The
engine's thread applies frame n + 1 while the log's thread hashes, writes and syncs frame n; both spend their time in
calls that release the interpreter lock. A caller that finds nothing on its way runs its frame in its own thread.
Any error in either half stops both: nothing more is applied, written or released, and every caller is told why.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType

from tarazy.domain.engine import Engine
from tarazy.domain.records import RECORD_SIZE, TakeCheckpoint
from tarazy.facility.sequencer.checkpoint import Checkpointer, folder_store
from tarazy.facility.sequencer.errors import CheckpointRefusedError, SequencerStoppedError
from tarazy.facility.sequencer.inbox import Inbox
from tarazy.facility.sequencer.log import Log
from tarazy.facility.sequencer.recovery import RecoveryReport, recover
from tarazy.facility.sequencer.submission import Part, Receipt, Submission
from tarazy.facility.sequencer.turn import Applier, Committer, Draft, fail
from tarazy.journal.files import Files, FolderLock
from tarazy.journal.identity import load_identity, load_signing_key
from tarazy.journal.statement import Statement
from tarazy.journal.writer import JournalWriter

FRAME_COMMANDS_MAX = 4096
QUEUE_COMMANDS_MAX = 1 << 18


class Sequencer:
    """The one writer of a facility. Every method may be called from any thread."""

    def __init__(
        self,
        engine: Engine,
        log: Log,
        checkpointer: Checkpointer,
        *,
        recovery: RecoveryReport | None = None,
        keep_timestamps: bool = False,
        frame_commands_max: int = FRAME_COMMANDS_MAX,
        queue_commands_max: int = QUEUE_COMMANDS_MAX,
        clock_ns: Callable[[], int] = time.time_ns,
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        self.engine = engine
        self.recovery = recovery or RecoveryReport()
        self._applier = Applier(engine, clock_ns, keep_timestamps=keep_timestamps)
        self._committer = Committer(log, checkpointer)
        self._checkpointer = checkpointer
        self._frame_commands_max = min(frame_commands_max, log.payload_bytes_max // RECORD_SIZE)
        self._inbox = Inbox(queue_commands_max)
        self._drafts: queue.SimpleQueue[Draft | None] = queue.SimpleQueue()
        self._ahead = threading.Semaphore(1)
        self._failure: BaseException | None = None
        self._on_close = on_close
        self._closed = False
        self._threads = [
            threading.Thread(target=self._run_engine, name="tarazy-engine"),
            threading.Thread(target=self._run_log, name="tarazy-log"),
        ]
        for thread in self._threads:
            thread.start()

    @classmethod
    def open(
        cls,
        directory: Path,
        engine_type: type[Engine],
        *,
        keep_timestamps: bool = False,
        frame_commands_max: int = FRAME_COMMANDS_MAX,
        queue_commands_max: int = QUEUE_COMMANDS_MAX,
        snapshots_keep: int | None = None,
        clock_ns: Callable[[], int] = time.time_ns,
        files: Files | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Sequencer:
        """Open a facility's folder: lock it, recover the state and go on writing where the journal ends.

        `keep_timestamps` keeps the times that commands carry (a recorded flow is played); else all get the clock's.
        `snapshots_keep` is how many snapshots stay, None = all. `progress(commands)` reports the replay.
        Raises: FolderInUseError, DamageError, StorageError.
        """
        directory, files = Path(directory), files or Files()
        identity = load_identity(directory)
        key = load_signing_key(directory, identity)
        lock = FolderLock(directory)
        try:
            engine, position, report = recover(directory, engine_type, files, progress)
            log = JournalWriter(directory, identity, position, files=files)
        except BaseException:
            lock.release()
            raise
        return cls(
            engine,
            log,
            Checkpointer(log, identity, key, folder_store(directory, files, snapshots_keep)),
            recovery=report,
            keep_timestamps=keep_timestamps,
            frame_commands_max=frame_commands_max,
            queue_commands_max=queue_commands_max,
            clock_ns=clock_ns,
            on_close=lock.release,
        )

    # ------------------------------------------------------------ what callers use

    def submit(self, commands: bytes | list[bytes], *, timeout_s: float | None = None) -> Future[Receipt]:
        """Queue commands; the future gives their receipt once they are durable.

        Waits while the queue is full, at most `timeout_s`. Callbacks of the future run in the log's thread: be brief.
        Raises: QueueFullError, SequencerStoppedError; ValueError for a length that is no multiple of 96.
        """
        submission = Submission(_checked(commands))
        self._inbox.put(submission, timeout_s)
        return submission.future

    def execute(self, commands: bytes | list[bytes]) -> bytes:
        """Run commands and return their events once they are durable; without a change of thread when nothing waits.

        Raises: SequencerStoppedError; ValueError for a length that is no multiple of 96.
        """
        return self._run(Submission(_checked(commands))).events

    def checkpoint(self) -> Statement:
        """Take a checkpoint: sign the state into the journal and store it as a snapshot; returns when both are durable.

        Raises: CheckpointRefusedError; StorageError when only the snapshot could not be stored (the writer goes on).
        """
        submission = Submission(TakeCheckpoint().pack(), is_checkpoint=True)
        self._run(submission)
        if submission.checkpoint is None:
            raise CheckpointRefusedError
        return submission.checkpoint.statement

    @property
    def released_seq(self) -> int:
        """Return the number of the last command whose events were released."""
        return self._committer.released_seq

    @property
    def failure(self) -> BaseException | None:
        """Return what stopped the writer, None while it runs."""
        return self._failure

    @property
    def log(self) -> Log:
        """Return the log; its `position` names the head of the journal."""
        return self._committer.log

    def invariant_counts(self) -> dict[str, int]:
        """Return how often each of the eight invariants was checked since the start."""
        return {**self.engine.invariant_counts(), "RELEASE": self._committer.release_checks}

    def close(self) -> None:
        """Finish what is queued, then stop. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self._inbox.close(self._failure)
        try:
            for thread in self._threads:
                thread.join()
            self._checkpointer.close()
            self._committer.log.close()
        finally:
            self._on_close()

    def __enter__(self) -> Sequencer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------ the two halves

    def _run(self, submission: Submission) -> Receipt:
        """Run a submission in this thread when nothing is on its way, else queue it and wait."""
        if submission.command_count <= self._frame_commands_max and self._inbox.claim():
            try:
                parts = [Part(submission, 0, submission.command_count)]
                draft = self._apply(parts)
                if draft is not None:
                    self._commit(draft)
            finally:
                self._inbox.unclaim()
            if isinstance(self._failure, KeyboardInterrupt):
                raise self._failure
        else:
            self._inbox.put(submission, None)
        return submission.future.result()

    def _run_engine(self) -> None:
        """Apply frame after frame, one ahead of the log and no more: what waits makes the next frame larger."""
        self._ahead.acquire()
        while parts := self._inbox.take(self._frame_commands_max):
            draft = self._apply(parts)
            if draft is not None:
                self._drafts.put(draft)
                self._ahead.acquire()
        self._drafts.put(None)

    def _run_log(self) -> None:
        """Commit draft after draft."""
        while (draft := self._drafts.get()) is not None:
            self._ahead.release()
            self._commit(draft)
            self._inbox.settle(draft.command_count)

    def _apply(self, parts: list[Part]) -> Draft | None:
        """Run the engine's half; None when the writer has stopped."""
        if self._failure is None:
            try:
                return self._applier.apply(parts)
            except BaseException as error:
                self._stop(error)
        fail(parts, SequencerStoppedError(self._failure))
        return None

    def _commit(self, draft: Draft) -> None:
        """Run the log's half; a draft that comes after a failure is dropped."""
        if self._failure is None:
            try:
                self._committer.commit(draft)
                return
            except BaseException as error:
                self._stop(error)
        fail(draft.parts, SequencerStoppedError(self._failure))

    def _stop(self, reason: BaseException) -> None:
        """Stop for good: the first reason counts."""
        self._failure = self._failure or reason
        self._inbox.close(self._failure)


def _checked(commands: bytes | list[bytes]) -> bytes:
    """Return the commands as one run of bytes."""
    joined = commands if isinstance(commands, bytes) else b"".join(commands)
    if not joined or len(joined) % RECORD_SIZE:
        raise ValueError(f"commands are a multiple of {RECORD_SIZE} bytes and at least one, found {len(joined)} bytes")
    return joined
