"""A writer without a sequencer: real frames of a tally engine into a journal, published or not, as a test wants it."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from tarazy.domain.engine import Engine
from tarazy.domain.records import EDITION, RECORD_SIZE, PlaceOrder
from tarazy.facility.publication import Publication
from tarazy.journal.create import create_facility
from tarazy.journal.errors import TornTailError
from tarazy.journal.files import Files
from tarazy.journal.frame import Frame, FrameDraft, FrameKind, Written
from tarazy.journal.identity import Identity, load_identity
from tarazy.journal.reader import JournalReader
from tarazy.journal.settle import settle
from tarazy.journal.writer import JournalWriter
from tests.simulation.tally_engine import TallyEngine

SEED = bytes(range(48))
CREATED_NS = 1_700_000_000_000_000_000
SEGMENT_BYTES = 64 << 10
EVENTS_BYTES = 8 << 10


def create(directory: Path) -> Identity:
    """Create a facility with small segments."""
    return create_facility(
        directory, "Test", edition=EDITION, segment_bytes=SEGMENT_BYTES, created_ns=CREATED_NS, seed=SEED
    )


def orders(count: int, start: int) -> bytes:
    """Return orders that differ from each other."""
    return b"".join(
        PlaceOrder(ts_ns=CREATED_NS + number, account_id=1, market_id=1, client_order_id=number).pack()
        for number in range(start, start + count)
    )


class Life:
    """One life of a writer: recover what is there, then append and publish."""

    def __init__(self, directory: Path, *, salt: int = 0, engine_type: type[Engine] = TallyEngine) -> None:
        self.directory, self.salt = directory, salt
        self.identity = load_identity(directory)
        self.engine = engine_type()
        reader = JournalReader(directory, identity=self.identity)
        hash_end = b""
        try:
            for _ in reader:
                pass
        except TornTailError as torn:
            hash_end = torn.hash_end
        settle(Files(), directory, self.identity, reader.place, hash_end)
        reader = JournalReader(directory, identity=self.identity)
        for frame in reader:
            self.engine.apply(frame.commands)
        self.log = JournalWriter(directory, self.identity, reader.position)
        self.publication = Publication(
            directory, engine_type, reader.position, identity=self.identity, segment_bytes=EVENTS_BYTES
        )

    def append(self, count: int) -> tuple[Frame, bytes]:
        """Make a frame durable without telling anybody."""
        commands = orders(count, self.engine.next_seq + self.salt)
        events = self.engine.apply(commands)
        counts = {"command_count": count, "event_count": len(events) // RECORD_SIZE}
        draft = FrameDraft(FrameKind.commands, commands, events_digest=sha256(events).digest(), **counts)
        written: list[Written] = []
        self.log.append(draft, written.append)
        return Frame(written[0].header, commands, b"", b"", written[0].frame_hash), events

    def write(self, count: int) -> tuple[Frame, bytes]:
        """Make a frame durable and publish it."""
        frame, events = self.append(count)
        self.publication.on_release(frame, events)
        return frame, events

    def close(self) -> None:
        """End in good order."""
        self.publication.close()
        self.log.close()
