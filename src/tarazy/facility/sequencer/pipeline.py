"""The commit pipeline: the engine applies batch n + 1 while the log makes frame n durable, and then it is released.

`Applier` and `Committer` never touch each other's half, so they run in two threads with staged batches between them,
or one after the other in a caller's thread that has claimed the inbox. The engine is one batch ahead of the log and no
more: what waits meanwhile makes the next frame larger.
"""

from __future__ import annotations

import queue
import threading

from tarazy.facility.sequencer.applier import Applier
from tarazy.facility.sequencer.checkpoint import Checkpointer
from tarazy.facility.sequencer.committer import Committer
from tarazy.facility.sequencer.errors import ClockJumpedError, SequencerStoppedError
from tarazy.facility.sequencer.inbox import Inbox, Notice
from tarazy.facility.sequencer.settings import Settings
from tarazy.facility.sequencer.staged_batch import StagedBatch, fail
from tarazy.facility.sequencer.submission import Part, Submission
from tarazy.journal.frame import FRAME_ALIGNMENT, FRAME_OVERHEAD, FrameDraft

TIMER_STEPS = 4


class Pipeline:
    """The two halves with their threads, and the one that sees to it that a head is not late.

    `bytes_max` is the room of one frame for its sections; `failure` is what stopped the writer.
    """

    def __init__(
        self, inbox: Inbox, applier: Applier, committer: Committer, checkpointer: Checkpointer, settings: Settings
    ) -> None:
        self.failure: BaseException | None = None
        self._inbox, self._applier, self._committer = inbox, applier, committer
        self._checkpointer = checkpointer
        self._settings = settings
        self.bytes_max = committer.log.frame_bytes_max - FRAME_OVERHEAD - 3 * FRAME_ALIGNMENT
        self._staged: queue.SimpleQueue[StagedBatch | Notice | None] = queue.SimpleQueue()
        self._room = threading.Semaphore(1)
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._run_engine, name="tarazy-engine"),
            threading.Thread(target=self._run_log, name="tarazy-log"),
            threading.Thread(target=self._run_timer, name="tarazy-heads"),
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def run_here(self, submission: Submission) -> bool:
        """Run a submission in the caller's thread if nothing is on its way; else return False."""
        if submission.command_count > self._settings.frame_commands_max:
            return False
        if submission.whole_bytes > self.bytes_max or not self._inbox.claim(submission.command_count):
            return False
        try:
            batch = self._apply([Part(submission, 0, submission.command_count)])
            if batch is not None:
                self._commit(batch)
        finally:
            self._inbox.unclaim()
        if isinstance(self.failure, KeyboardInterrupt):
            raise self.failure
        return True

    def _run_engine(self) -> None:
        """Apply batch after batch, one ahead of the log."""
        settings = self._settings
        self._room.acquire()
        while True:
            frozen = self._checkpointer.is_pending
            most = settings.frozen_frame_commands_max if frozen else settings.frame_commands_max
            work = self._inbox.take(min(most, settings.frame_commands_max), self.bytes_max)
            staged = self._apply(work) if isinstance(work, list) else work
            if staged is not None:
                self._staged.put(staged)
                self._room.acquire()
            if work is None:
                break
        self._staged.put(None)

    def _run_log(self) -> None:
        """Commit batch after batch."""
        while (staged := self._staged.get()) is not None:
            self._room.release()
            self._commit(staged)
        self._ended.set()

    def _run_timer(self) -> None:
        """Ask for a head when the last commands have waited long enough; after them comes silence."""
        heads = self._committer.heads
        while not self._ended.wait(heads.interval_s / TIMER_STEPS):
            if heads.is_due:
                self._inbox.put_notice(Notice(lambda: heads.draft() if heads.is_due else None))

    def _apply(self, parts: list[Part]) -> StagedBatch | None:
        """Run the engine's half; None when the writer has stopped, or its clock cannot be trusted now."""
        if self.failure is None:
            try:
                return self._applier.apply(parts)
            except ClockJumpedError as error:
                self._inbox.settle(sum(part.command_count for part in parts))
                fail(parts, error)
                return None
            except BaseException as error:
                self.stop(error)
        fail(parts, SequencerStoppedError(self.failure))
        return None

    def _commit(self, staged: StagedBatch | Notice) -> None:
        """Run the log's half; a batch that comes after a failure is dropped."""
        if self.failure is None:
            try:
                if isinstance(staged, Notice):
                    self._committer.notice(staged)
                else:
                    self._committer.commit(staged)
                return
            except BaseException as error:
                self.stop(error)
        staged.fail(SequencerStoppedError(self.failure))

    def stop(self, reason: BaseException) -> None:
        """Stop for good: the first reason counts."""
        self.failure = self.failure or reason
        self._inbox.close(self.failure)
        self._committer.fail(SequencerStoppedError(self.failure))
        self._checkpointer.abort()

    def close(self) -> None:
        """Finish what waits, the checkpoint under way and the last head; then end the threads."""
        self._inbox.close(self.failure)
        self._checkpointer.close()
        self._inbox.put_notice(Notice(self._last_head))
        self._inbox.finish()
        for thread in self._threads:
            thread.join()

    def _last_head(self) -> FrameDraft | None:
        """Return the head at the close, if anything was written since the last one."""
        heads = self._committer.heads
        return heads.draft() if heads.unsigned_frames else None
