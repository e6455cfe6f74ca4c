"""The bounded queue in front of the engine, and the right to pass it when nothing waits.

`pending` counts commands that were taken in and are not released yet, wherever they are. A caller that finds it 0 may
claim the engine and run its commands in its own thread, which saves two changes of thread; while it has the claim
everybody else queues up, and the engine's thread begins when the claim is given back. What the writer itself has to
write, a statement or a head, goes the same way as a notice, so that everything is appended in one order.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

from tarazy.facility.sequencer.errors import QueueFullError, SequencerStoppedError
from tarazy.facility.sequencer.submission import CheckpointMark, Part, Submission
from tarazy.journal.frame import FrameDraft, Written


class Notice:
    """A frame of the writer's own on its way: `draft` is asked when its turn has come, None = no longer needed."""

    __slots__ = ("draft", "future")

    def __init__(self, draft: Callable[[], FrameDraft | None]) -> None:
        self.draft = draft
        self.future: Future[Written | None] = Future()
        self.future.set_running_or_notify_cancel()

    def fail(self, reason: BaseException) -> None:
        """Say that the frame is not durable."""
        if not self.future.done():
            self.future.set_exception(reason)


class Inbox:
    """Submissions that wait; groups them into frames."""

    def __init__(self, queue_commands_max: int) -> None:
        self._lock = threading.Lock()
        self._work = threading.Condition(self._lock)
        self._room = threading.Condition(self._lock)
        self._queue: deque[Submission | Notice] = deque()
        self._queue_commands_max = queue_commands_max
        self._pending = 0
        self._claimed = False
        self._closed: SequencerStoppedError | None = None
        self._finished = False

    def claim(self, command_count: int) -> bool:
        """Take the engine for the calling thread if nothing is on its way."""
        with self._lock:
            if self._closed is not None:
                raise self._closed
            if self._claimed or self._pending:
                return False
            self._claimed = True
            self._pending = command_count
            return True

    def unclaim(self) -> None:
        """Give the engine back."""
        with self._lock:
            self._claimed = False
            if self._queue or self._finished:
                self._work.notify()

    def put(self, submission: Submission, timeout_s: float | None) -> None:
        """Queue a submission; wait for room for as long as allowed.

        A submission that is larger than the queue is taken when the queue is empty.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        count = submission.command_count
        with self._lock:
            while self._closed is None and self._pending and self._pending + count > self._queue_commands_max:
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    raise QueueFullError(self._pending, self._queue_commands_max, timeout_s or 0.0)
                self._room.wait(left)
            if self._closed is not None:
                raise self._closed
            self._put(submission, count)

    def put_notice(self, notice: Notice) -> None:
        """Queue a frame of the writer's own; also after the close, until all is finished."""
        with self._lock:
            if not self._finished:
                self._put(notice, 1)
                return
        notice.fail(self._closed or SequencerStoppedError(None))

    def _put(self, item: Submission | Notice, count: int) -> None:
        """Queue something; the caller holds the lock."""
        self._pending += count
        self._queue.append(item)
        if not self._claimed:
            self._work.notify()

    def take(self, commands_max: int, bytes_max: int) -> list[Part] | Notice | None:
        """Wait for work and return one frame's worth of it, or a notice; None when all is finished."""
        with self._lock:
            while True:
                while self._claimed or not self._queue:
                    if self._finished and not self._claimed:
                        return None
                    self._work.wait()
                head = self._queue[0]
                if isinstance(head, Notice):
                    self._queue.popleft()
                    return head
                if parts := self._parts(commands_max, bytes_max):
                    return parts

    def _parts(self, commands_max: int, bytes_max: int) -> list[Part]:
        """Take what fits into a frame; a checkpoint's mark ends it, and a whole submission goes in whole or first."""
        parts: list[Part] = []
        while self._queue and commands_max > 0:
            submission = self._queue[0]
            if isinstance(submission, Notice):
                break
            if submission.is_dead:
                self._queue.popleft()
                self._settle(submission.command_count - submission.taken)
                continue
            count = self._fitting(submission, commands_max, bytes_max, is_first=not parts)
            if count == 0:
                break
            parts.append(Part(submission, submission.taken, count))
            submission.taken += count
            commands_max -= count
            bytes_max -= submission.whole_bytes if submission.is_whole else count * submission.command_bytes_max
            if submission.taken == submission.command_count:
                self._queue.popleft()
            if isinstance(submission, CheckpointMark):
                break
        return parts

    @staticmethod
    def _fitting(submission: Submission, commands_max: int, bytes_max: int, *, is_first: bool) -> int:
        """Return how many commands of a submission go into what is left of a frame."""
        if submission.is_whole:
            fits = submission.command_count <= commands_max and submission.whole_bytes <= bytes_max
            return submission.command_count if fits or is_first else 0
        left = submission.command_count - submission.taken
        return min(commands_max, left, max(bytes_max // submission.command_bytes_max, is_first))

    def settle(self, command_count: int) -> None:
        """Say that commands were released or have failed, which makes room."""
        with self._lock:
            self._settle(command_count)

    def _settle(self, command_count: int) -> None:
        """Make room; the caller holds the lock."""
        self._pending -= command_count
        self._room.notify_all()

    def close(self, reason: BaseException | None) -> None:
        """Take no more submissions. What waits is handed out after an orderly close, and fails after a failure."""
        with self._lock:
            if self._closed is None:
                self._closed = SequencerStoppedError(reason)
            closed = self._closed
            failed = list(self._queue) if reason is not None else []
            if reason is not None:
                self._queue.clear()
                self._finished = True
            self._work.notify_all()
            self._room.notify_all()
        for item in failed:
            item.fail(closed)

    def finish(self) -> None:
        """Take no more notices either; the engine's thread ends when it has taken what waits."""
        with self._lock:
            self._finished = True
            self._work.notify_all()
