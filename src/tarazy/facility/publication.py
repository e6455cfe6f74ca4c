"""What a writer gives to other processes: the events of each frame, then the news that the frame is durable.

One listener does both, in this order, so that whoever sees a frame published finds its events. An events file that
cannot be written (a full disk) does not hold the position up: the failure is kept in `failure`, readers of events see
themselves fall behind, and the next start makes what is missing.
"""

from __future__ import annotations

import logging
from pathlib import Path

from tarazy.domain.engine import Engine
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.durable_position import DurablePosition, PositionWriter
from tarazy.journal.errors import JournalError
from tarazy.journal.events_rebuild import open_events
from tarazy.journal.events_record import EVENTS_SEGMENT_BYTES
from tarazy.journal.frame import Frame, Position
from tarazy.journal.identity import Identity, load_identity

LISTENER_NAME = "publication"
_log = logging.getLogger(__name__)


class Publication:
    """The listener. Open it when the writer has recovered and before it writes anything new."""

    def __init__(
        self,
        directory: Path,
        engine_type: type[Engine],
        position: Position,
        *,
        with_events: bool = True,
        identity: Identity | None = None,
        segment_bytes: int = EVENTS_SEGMENT_BYTES,
    ) -> None:
        identity = identity or load_identity(Path(directory))
        self.failure: JournalError | None = None
        self.events_file = None
        if with_events:
            self.events_file, self.repaired = open_events(
                directory, engine_type, identity=identity, segment_bytes=segment_bytes
            )
        reached = DurablePosition(position.frame_number - 1, position.next_seq - 1, position.prev_hash)
        self.position = PositionWriter(directory, identity.facility_id, reached)

    def on_release(self, frame: Frame, events: bytes) -> None:
        """Put down the events of a durable frame, then publish the frame.

        Raises: StorageError where the position cannot be published; the events' failure is kept and logged.
        """
        if self.events_file is not None and self.failure is None:
            try:
                self.events_file.append(frame, events)
            except JournalError as error:
                self.failure = error
                _log.error("the events file stands still from frame %d on: %s", frame.header.frame_number, error)
        self.position.publish(frame.header.frame_number, frame.header.next_seq - 1, frame.frame_hash)

    def close(self) -> None:
        """Close both files; they stay for readers."""
        if self.events_file is not None:
            self.events_file.close()
        self.position.close()


def publish(
    sequencer: Sequencer, directory: Path, *, with_events: bool = True, segment_bytes: int = EVENTS_SEGMENT_BYTES
) -> Publication:
    """Publish what a sequencer releases from here on. Call it before anybody submits; close it after the sequencer.

    Raises: DamageError, StorageError.
    """
    publication = Publication(
        directory,
        type(sequencer.engine),
        sequencer.log.position,
        with_events=with_events,
        segment_bytes=segment_bytes,
    )
    sequencer.on_release(LISTENER_NAME, publication.on_release)
    return publication
