"""Publish what the command line writes: the durable position and the events file, for readers in other processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tarazy.cli.output import Output
from tarazy.facility.publication import LISTENER_NAME, publish
from tarazy.facility.sequencer.sequencer import Sequencer


@contextmanager
def published(sequencer: Sequencer, directory: Path, output: Output) -> Iterator[None]:
    """Publish every frame of a sequencer that was just opened; at the end all is written, published and closed.

    What cannot be published does not stop the writer: it is said at the end, and the next start makes it good.
    Raises: DamageError, StorageError.
    """
    with sequencer, closing(publish(sequencer, directory)) as publication:
        try:
            yield
        finally:
            sequencer.close()
    stale = [status.reason for status in sequencer.listeners() if status.name == LISTENER_NAME and status.is_stale]
    for reason in (*stale, *([str(publication.failure)] if publication.failure else [])):
        output.warn(f"not everything was published to other processes: {reason}")
