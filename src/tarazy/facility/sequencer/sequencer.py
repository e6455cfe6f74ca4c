"""The sequencer: many callers in, one order out. Nothing is answered before it is durable.

Commands come in as bytes, wait in the inbox and leave it as frames: all that waits is one frame, up to a limit. The
engine's thread applies frame n + 1 while the log's thread hashes, writes and syncs frame n; both spend their time in
calls that release the interpreter lock. A caller that finds nothing on its way runs its frame in its own thread.
Any error in either half stops both: nothing more is applied, written or released, and every caller is told why. Only a
clock that jumped stops nothing for good: its batch is refused, and the next one looks at the clock again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Unpack

from tarazy.domain.engine import Engine
from tarazy.domain.signer import Signer
from tarazy.facility.sequencer.applier import Applier
from tarazy.facility.sequencer.checkpoint import Checkpointer, CheckpointReport
from tarazy.facility.sequencer.clock import ClockGuard
from tarazy.facility.sequencer.committer import Committer
from tarazy.facility.sequencer.heads import Heads
from tarazy.facility.sequencer.inbox import Inbox
from tarazy.facility.sequencer.listeners import Listener, Listeners, ListenerStatus
from tarazy.facility.sequencer.log import Log
from tarazy.facility.sequencer.opening import open_parts
from tarazy.facility.sequencer.pipeline import Pipeline
from tarazy.facility.sequencer.recovery import RecoveryReport
from tarazy.facility.sequencer.requests import check_fits, checked_commands, checked_references
from tarazy.facility.sequencer.settings import Options, Settings
from tarazy.facility.sequencer.signatures import check_instructions
from tarazy.facility.sequencer.submission import Receipt, Submission
from tarazy.journal.files import Files
from tarazy.journal.sections import RequestReference
from tarazy.journal.statement import Statement


class Sequencer:
    """The one writer of a facility. Every method may be called from any thread."""

    def __init__(
        self,
        facility_id: bytes,
        engine: Engine,
        log: Log,
        heads: Heads,
        checkpointer: Checkpointer,
        settings: Settings,
        *,
        recovery: RecoveryReport | None = None,
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        self.engine = engine
        self.recovery = recovery or RecoveryReport()
        self._facility_id = facility_id
        self._settings = settings
        self._checkpointer = checkpointer
        self._clock = None if settings.keep_timestamps else _guard(engine, settings)
        self._inbox = Inbox(settings.queue_commands_max)
        self._listeners = Listeners(log.position.frame_number)
        self._applier = Applier(engine, self._clock, checkpointer)
        self._committer = Committer(
            log, heads, self._listeners, checkpointer, settle=self._inbox.settle, stop=self.stop
        )
        self._pipeline = Pipeline(self._inbox, self._applier, self._committer, checkpointer, settings)
        self._on_close = on_close
        self._closed = False
        checkpointer.connect(self._inbox.put_notice, self.stop)
        self._pipeline.start()

    @classmethod
    def open(
        cls,
        directory: Path,
        engine_type: type[Engine],
        *,
        files: Files | None = None,
        progress: Callable[[int], None] | None = None,
        listeners: Mapping[str, Listener] | None = None,
        **options: Unpack[Options],
    ) -> Sequencer:
        """Open a facility's folder: lock it, recover the state and go on writing where the journal ends.

        `options` are those of `Settings`; `progress(commands)` reports the replay; `listeners` hear every frame from
        here on.
        Raises: FolderInUseError, DamageError, StorageError.
        """
        settings = Settings(**options)
        parts = open_parts(Path(directory), engine_type, files or Files(), settings, progress)
        sequencer = cls(
            parts.identity.facility_id,
            parts.engine,
            parts.log,
            parts.heads,
            parts.checkpointer,
            settings,
            recovery=parts.report,
            on_close=parts.lock.release,
        )
        for name, listener in (listeners or {}).items():
            sequencer.on_release(name, listener)
        return sequencer

    # ------------------------------------------------------------ what callers use

    def submit(
        self,
        commands: bytes | list[bytes],
        *,
        instructions: bytes = b"",
        references: Sequence[RequestReference] = (),
        timeout_s: float | None = None,
    ) -> Future[Receipt]:
        """Queue commands; the future gives their receipt once they are durable.

        `instructions` are the entries of the PresentInstruction records among the commands, which then stay together in
        one frame; `references` name commands by their place among these. Waits while the queue is full, at most
        `timeout_s`. Callbacks of the future run in the log's thread: be brief.
        Raises: InstructionError, QueueFullError, SequencerStoppedError; ValueError for what is not well formed.
        The future raises ClockJumpedError or SequencerStoppedError.
        """
        submission = self._checked(commands, instructions, references)
        self._inbox.put(submission, timeout_s)
        return submission.future

    def execute(
        self,
        commands: bytes | list[bytes],
        *,
        instructions: bytes = b"",
        references: Sequence[RequestReference] = (),
    ) -> bytes:
        """Run commands and return their events once they are durable; without a change of thread when nothing waits.

        Raises: as `submit` and its future do.
        """
        return self._run(self._checked(commands, instructions, references)).events

    def checkpoint(self, *, wait: bool = True) -> Statement:
        """Take a checkpoint and return its signed statement when that and the snapshot are durable.

        The engine stands still for a fork only. One is under way at most; `wait` says what a second caller does.
        Raises: CheckpointPendingError, CheckpointRefusedError, CheckpointFailedError; StorageError when only the
        snapshot could not be stored. The writer goes on after each of these.
        """
        return self.start_checkpoint(wait=wait).result()

    def start_checkpoint(self, *, wait: bool = False) -> Future[Statement]:
        """Mark a checkpoint and return at once; the future gives the signed statement, or raises as `checkpoint`."""
        mark = self._checkpointer.start(wait=wait)
        try:
            self._inbox.put(mark, None)
        except BaseException as error:
            mark.fail(error)
            raise
        return mark.statement

    def on_release(self, name: str, listener: Listener) -> int:
        """Let a listener hear every frame with its events, in order, from the one whose number is returned.

        Raises: ValueError for a name that is taken.
        """
        return self._listeners.register(name, listener)

    def leave(self, name: str) -> None:
        """Let a listener hear no more, after what waits for it. Raises: KeyError for a name that is not registered."""
        self._listeners.unregister(name)

    def accept_time_gap(self) -> None:
        """Take the clock as right at the next command, however far it has moved."""
        if self._clock is not None:
            self._clock.accept_time_gap()

    @property
    def released_seq(self) -> int:
        """Return the number of the last command whose events were released."""
        return self._committer.released_seq

    @property
    def failure(self) -> BaseException | None:
        """Return what stopped the writer, None while it runs."""
        return self._pipeline.failure

    @property
    def log(self) -> Log:
        """Return the log; its `position` names the head of the journal."""
        return self._committer.log

    @property
    def facility_id(self) -> bytes:
        """Return which facility this is."""
        return self._facility_id

    @property
    def officers(self) -> Mapping[int, bytes]:
        """Return the public keys of the officers by number, as of the last batch that could change them."""
        return self._applier.officers

    @property
    def signer(self) -> Signer:
        """Return what signs with the key that counts now, for papers that go out beside the record."""
        return self._committer.heads.signer

    @property
    def last_checkpoint(self) -> CheckpointReport | None:
        """Return what the last checkpoint cost, None before the first."""
        return self._checkpointer.last

    def listeners(self) -> list[ListenerStatus]:
        """Return how every listener stands."""
        return self._listeners.statuses()

    def invariant_counts(self) -> dict[str, int]:
        """Return how often each of the eight invariants was checked since the start."""
        with self._applier.lock:
            counts = self.engine.invariant_counts()
        return {**counts, "RELEASE": self._committer.release_checks}

    def stop(self, reason: BaseException) -> None:
        """Stop for good: the first reason counts. A log calls this for a frame that it lost after `append` returned."""
        self._pipeline.stop(reason)

    def close(self) -> None:
        """Finish what is queued, the checkpoint under way and the last head, then stop. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        try:
            self._pipeline.close()
            self._committer.log.close()
            self._listeners.close()
        finally:
            self._on_close()

    def __enter__(self) -> Sequencer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------ inside

    def _checked(
        self, commands: bytes | list[bytes], instructions: bytes, references: Sequence[RequestReference]
    ) -> Submission:
        """Return a submission whose form and signatures are as they must be."""
        joined = checked_commands(commands)
        check_instructions(self._facility_id, self._applier.officers, joined, instructions)
        submission = Submission(joined, instructions, checked_references(joined, references) if references else ())
        if submission.is_whole:
            check_fits(submission, self._settings.frame_commands_max, self._pipeline.bytes_max)
        return submission

    def _run(self, submission: Submission) -> Receipt:
        """Run a submission in this thread if nothing is on its way; else queue it and wait."""
        if not self._pipeline.run_here(submission):
            self._inbox.put(submission, None)
        return submission.future.result()


def _guard(engine: Engine, settings: Settings) -> ClockGuard:
    """Return the guarded clock of the commands behind the engine's last one."""
    clock = ClockGuard(
        engine.last_ts_ns,
        clock_ns=settings.clock_ns,
        steady_ns=settings.steady_ns,
        clock_jump_max_ns=settings.clock_jump_max_ns,
        time_gap_max_ns=settings.time_gap_max_ns,
        alarm=settings.alarm,
    )
    if settings.accept_time_gap:
        clock.accept_time_gap()
    return clock
