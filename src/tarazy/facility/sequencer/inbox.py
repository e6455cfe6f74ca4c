"""The bounded queue in front of the engine, and the right to pass it when nothing waits.

`pending` counts commands that were taken in and are not released yet, wherever they are. A caller that finds it 0 may
claim the engine and run its commands in its own thread, which saves two changes of thread; while it has the claim
everybody else queues up, and the engine's thread begins when the claim is given back.
"""

from __future__ import annotations

import threading
import time
from collections import deque

from tarazy.facility.sequencer.errors import QueueFullError, SequencerStoppedError
from tarazy.facility.sequencer.submission import Part, Submission


class Inbox:
    """Submissions that wait; groups them into frames."""

    def __init__(self, queue_commands_max: int) -> None:
        self._lock = threading.Lock()
        self._work = threading.Condition(self._lock)
        self._room = threading.Condition(self._lock)
        self._queue: deque[Submission] = deque()
        self._queue_commands_max = queue_commands_max
        self._pending = 0
        self._claimed = False
        self._closed: SequencerStoppedError | None = None

    def claim(self) -> bool:
        """Take the engine for the calling thread if nothing is on its way."""
        with self._lock:
            if self._closed is not None:
                raise self._closed
            if self._claimed or self._pending:
                return False
            self._claimed = True
            return True

    def unclaim(self) -> None:
        """Give the engine back."""
        with self._lock:
            self._claimed = False
            if self._queue or self._closed is not None:
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
            self._pending += count
            self._queue.append(submission)
            if not self._claimed:
                self._work.notify()

    def take(self, commands_max: int) -> list[Part]:
        """Wait for work and return one frame's worth of it; an empty list when closed and all was taken."""
        with self._lock:
            while self._claimed or not self._queue:
                if self._closed is not None and not self._claimed:
                    return []
                self._work.wait()
            parts: list[Part] = []
            room = commands_max
            while room and self._queue:
                part = self._next_part(room)
                parts.append(part)
                room -= part.command_count
                if part.submission.is_checkpoint:
                    break
            return parts

    def _next_part(self, room: int) -> Part:
        """Take up to `room` commands off the head of the queue."""
        submission = self._queue[0]
        count = min(room, submission.command_count - submission.taken)
        part = Part(submission, submission.taken, count)
        submission.taken += count
        if submission.taken == submission.command_count:
            self._queue.popleft()
        return part

    def settle(self, command_count: int) -> None:
        """Say that commands were released, which makes room."""
        with self._lock:
            self._pending -= command_count
            self._room.notify_all()

    def close(self, reason: BaseException | None) -> None:
        """Take nothing more. What waits is still handed out after an orderly close, and fails after a failure."""
        with self._lock:
            if self._closed is None:
                self._closed = SequencerStoppedError(reason)
            failed = list(self._queue) if reason is not None else []
            if reason is not None:
                self._queue.clear()
            self._work.notify_all()
            self._room.notify_all()
        for submission in failed:
            submission.fail(self._closed)
