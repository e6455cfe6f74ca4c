"""Open a facility as its one writer, and publish what it writes: the durable position and the events file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Unpack

from tarazy.cli.engines import load_engine
from tarazy.cli.output import Output
from tarazy.facility.publication import LISTENER_NAME, publish
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.facility.sequencer.settings import Options


@contextmanager
def open_published(
    directory: Path, engine_name: str, output: Output, **options: Unpack[Options]
) -> Iterator[Sequencer]:
    """Open a folder for writing and publish every frame; at the end all is written, published and closed.

    What cannot be published does not stop the writer: it is said at the end, and the next start makes it good.
    Raises: FolderInUseError, DamageError, StorageError.
    """
    with Sequencer.open(directory, load_engine(engine_name), **options) as sequencer:
        with closing(publish(sequencer, directory)) as publication:
            try:
                yield sequencer
            finally:
                sequencer.close()
        stale = [status.reason for status in sequencer.listeners() if status.name == LISTENER_NAME and status.is_stale]
        for reason in (*stale, *([str(publication.failure)] if publication.failure else [])):
            output.warn(f"not everything was published to other processes: {reason}")
