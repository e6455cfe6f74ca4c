"""Who hears of released frames: each listener in order, behind a bounded queue, in a thread of its own.

A listener gets every frame of the journal, also statements and heads, with the events that its commands gave, after the
frame is durable and never before. It cannot hold the writer up: when it raises, or falls so far behind that its queue
is full, it is dropped, marked stale and said so in its status and in the log. What it holds is then incomplete; it must
be rebuilt from the journal, which has everything, and registered again. Nothing is skipped and nothing is repeated.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import NamedTuple

from tarazy.journal.frame import Frame

Listener = Callable[[Frame, bytes], None]
QUEUE_FRAMES_MAX = 1024
QUEUE_BYTES_MAX = 64 << 20
CLOSE_TIMEOUT_S = 10.0
_log = logging.getLogger(__name__)


class ListenerStatus(NamedTuple):
    """How a listener stands; `frame_number` is the last frame that it has taken in, `reason` why it is stale."""

    name: str
    frame_number: int
    frames: int
    waiting: int
    waiting_max: int
    dropped: int
    reason: str = ""

    @property
    def is_stale(self) -> bool:
        """Say whether the listener was dropped and must be rebuilt from the journal."""
        return bool(self.reason)


class Subscription:
    """One listener with its queue and its thread.

    A frame costs the writer a few additions under a lock that nobody holds while he works or waits, and one wake-up
    where the listener sleeps.
    """

    def __init__(
        self, name: str, listener: Listener, first_frame: int, *, queue_frames_max: int, queue_bytes_max: int
    ) -> None:
        self.name = name
        self._listener = listener
        self._frames_max, self._bytes_max = queue_frames_max, queue_bytes_max
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[tuple[Frame, bytes, int] | None] = queue.SimpleQueue()
        self._waiting = self._waiting_bytes = self._waiting_max = 0
        self._frame_number, self._frames, self._dropped = first_frame - 1, 0, 0
        self._reason = ""
        self._thread = threading.Thread(target=self._run, name=f"tarazy-listener-{name}", daemon=True)
        self._thread.start()

    @property
    def status(self) -> ListenerStatus:
        """Return how the listener stands."""
        with self._lock:
            counts = (self._frame_number, self._frames, self._waiting, self._waiting_max, self._dropped)
            return ListenerStatus(self.name, *counts, self._reason)

    def offer(self, frame: Frame, events: bytes) -> None:
        """Queue a frame; never waits. A listener without room is dropped."""
        size = frame.header.frame_bytes + len(events)
        with self._lock:
            if self._reason:
                self._dropped += 1
                return
            full = self._waiting >= self._frames_max or self._waiting_bytes + size > self._bytes_max
            if full and self._waiting:
                self._drop(f"it lags: {self._waiting} frames waited when frame {frame.header.frame_number} came", 1)
                return
            self._waiting += 1
            self._waiting_bytes += size
            self._waiting_max = max(self._waiting_max, self._waiting)
        self._queue.put((frame, events, size))

    def _run(self) -> None:
        """Give the listener frame after frame until it is closed or dropped."""
        while (item := self._queue.get()) is not None:
            frame, events, size = item
            number = frame.header.frame_number
            with self._lock:
                if self._reason:
                    return
                self._waiting -= 1
                self._waiting_bytes -= size
            try:
                self._listener(frame, events)
            except BaseException as error:  # whatever it is, it is the listener's, and its frame is lost to it
                _log.exception("the listener %s raised at frame %d", self.name, number)
                with self._lock:
                    self._drop(f"it raised {type(error).__name__} at frame {number}: {error}", 1)
                return
            with self._lock:
                self._frame_number, self._frames = number, self._frames + 1

    def _drop(self, reason: str, lost: int) -> None:
        """Give up on the listener, once; the caller holds the lock."""
        if self._reason:
            return
        self._reason, self._dropped = reason, lost + self._waiting
        self._waiting = self._waiting_bytes = 0
        self._queue = queue.SimpleQueue()  # whoever reads the old one meets the reason
        self._queue.put(None)
        _log.error("the listener %s is stale and must be rebuilt from the journal: %s", self.name, reason)

    def close(self, timeout_s: float) -> None:
        """Let the listener take in what waits, for as long as allowed, then end."""
        self._queue.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout_s)
        with self._lock:
            if self._waiting:
                self._drop(f"it did not finish within {timeout_s} s of the end", 0)


class Listeners:
    """All listeners of a sequencer. `publish` is called in frame order, by whoever has made the frame durable."""

    def __init__(self, next_frame: int) -> None:
        self._lock = threading.Lock()
        self._next_frame = next_frame
        self._subscriptions: dict[str, Subscription] = {}

    def register(
        self,
        name: str,
        listener: Listener,
        *,
        queue_frames_max: int = QUEUE_FRAMES_MAX,
        queue_bytes_max: int = QUEUE_BYTES_MAX,
    ) -> int:
        """Add a listener, or replace the stale one of that name; return the first frame that it will hear.

        The frames before it are in the journal already. Raises: ValueError for a name that is taken.
        """
        with self._lock:
            known = self._subscriptions.get(name)
            if known is not None and not known.status.is_stale:
                raise ValueError(f"expected a new name for a listener, found {name!r}, which is registered and well")
            self._subscriptions[name] = Subscription(
                name,
                listener,
                self._next_frame,
                queue_frames_max=queue_frames_max,
                queue_bytes_max=queue_bytes_max,
            )
            return self._next_frame

    def unregister(self, name: str, timeout_s: float = CLOSE_TIMEOUT_S) -> None:
        """Take a listener away after it has taken in what waits; an unknown name is a KeyError."""
        with self._lock:
            subscription = self._subscriptions.pop(name)
        subscription.close(timeout_s)

    def publish(self, frame: Frame, events: bytes) -> None:
        """Give a durable frame to everybody; never waits for a listener."""
        with self._lock:
            self._next_frame = frame.header.frame_number + 1
            for subscription in self._subscriptions.values():
                subscription.offer(frame, events)

    def statuses(self) -> list[ListenerStatus]:
        """Return how every listener stands, in the order of registration."""
        with self._lock:
            return [subscription.status for subscription in self._subscriptions.values()]

    def close(self, timeout_s: float = CLOSE_TIMEOUT_S) -> None:
        """Let all listeners take in what waits, then end them."""
        with self._lock:
            subscriptions = list(self._subscriptions.values())
        for subscription in subscriptions:
            subscription.close(timeout_s)
