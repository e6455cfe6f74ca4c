"""Where the feeds get their frames from: what is recorded first, then what the sequencer releases, without a gap.

A start reads the record from its beginning through the events file; nothing is kept between starts, so nothing can be
stale. From then on the sequencer's listener hands over each frame once it is durable. Where the listener is dropped
because it lagged, the feeds go on at their own cursor: from the record again, and then from the sequencer.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from tarazy.facility.feeds.views import MarketViews
from tarazy.facility.projections.projector import start_position
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.follow_events import EventsFollower
from tarazy.journal.frame import Frame
from tarazy.journal.identity import load_identity

LISTENER = "feeds"
WAIT_S = 0.2
OnFrame = Callable[[Frame, bytes], None]
_log = logging.getLogger(__name__)


class FrameSource:
    """Feeds `on_frame` with every frame of a record in order, in one thread at a time."""

    def __init__(self, sequencer: Sequencer, directory: Path, views: MarketViews, on_frame: OnFrame) -> None:
        self._sequencer, self._directory, self._views, self._on_frame = sequencer, Path(directory), views, on_frame
        self._may_go_on = threading.Event()
        self._stopped = False
        self._is_registered = False

    def catch_up(self, progress: Callable[[int], None] = lambda commands: None) -> None:
        """Apply all that is recorded now. `progress(commands)`. Raises: DamageError, StorageError."""
        with self._follower() as follower:
            while found := follower.poll():
                for frame, events in found:
                    self._on_frame(frame, events)
                progress(self._views.book.update_id)

    def join(self) -> None:
        """Take frames from the sequencer from now on, behind what is recorded. Raises: as `catch_up`."""
        self.catch_up()
        self._may_go_on.clear()
        first = self._sequencer.on_release(LISTENER, self._released)
        self._is_registered = True
        try:
            with self._follower() as follower:
                while not self._stopped and self._views.book.cursor.frame_number < first - 1:
                    for frame, events in follower.wait(WAIT_S):
                        self._on_frame(frame, events)
        finally:
            self._may_go_on.set()

    def rejoin_if_dropped(self) -> bool:
        """Go on where the listener was dropped because it lagged; return whether it was. Raises: as `catch_up`."""
        if not self.was_dropped():
            return False
        _log.warning("the feeds lagged behind the sequencer and read the record until they have caught up")
        self.join()
        return True

    def was_dropped(self) -> bool:
        """Say whether the sequencer hands over nothing more."""
        statuses = [each for each in self._sequencer.listeners() if each.name == LISTENER]
        return self._is_registered and any(each.is_stale for each in statuses)

    def stop(self) -> None:
        """Take no more frames."""
        self._stopped = True
        self._may_go_on.set()
        if self._is_registered:
            self._sequencer.leave(LISTENER)
            self._is_registered = False

    def _released(self, frame: Frame, events: bytes) -> None:
        """Take a frame from the sequencer, once what lies before it is there."""
        self._may_go_on.wait()
        if not self._stopped:
            self._on_frame(frame, events)

    def _follower(self) -> EventsFollower:
        """Return what follows the record behind the views."""
        identity = load_identity(self._directory)
        return EventsFollower(
            self._directory, start=start_position(self._views.projections, identity), identity=identity
        )
