"""Small journals for tests: the same commands give the same bytes, so that a test can change one of them."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tarazy.domain.engine import Engine
from tarazy.domain.records import EDITION, AdvanceTime, CancelAll, PlaceOrder
from tarazy.journal.create import create_facility
from tarazy.journal.files import Files
from tarazy.journal.frame import Frame
from tarazy.journal.reader import JournalReader
from tarazy.journal.segment import next_start, read_segment_header
from tarazy.journal.tail import Place
from tests.simulation.plain_facility import PlainFacility, Unsynced
from tests.simulation.tally_engine import TallyEngine

if TYPE_CHECKING:
    from tarazy.facility.sequencer.sequencer import Sequencer

SEED = bytes(range(48))
CREATED_NS = 1_700_000_000_000_000_000


def commands(count: int, start: int = 0) -> bytes:
    """Return orders, and now and then a command without events, all different from each other."""
    records = []
    for number in range(start, start + count):
        if number % 7 == 6:
            records.append(AdvanceTime().pack())
        elif number % 7 == 5:
            records.append(CancelAll(market_id=1, account_id=number + 1).pack())
        else:
            records.append(PlaceOrder(account_id=1, market_id=1, client_order_id=number, price_ticks=number).pack())
    return b"".join(records)


def create(directory: Path, segment_bytes: int = 8192, sector_bytes: int = 512) -> Path:
    """Create a facility that is the same every time."""
    create_facility(
        directory,
        "Test venue",
        edition=EDITION,
        segment_bytes=segment_bytes,
        sector_bytes=sector_bytes,
        created_ns=CREATED_NS,
        seed=SEED,
        files=Unsynced(),
    )
    return directory


def open_sequencer(
    directory: Path, files: Files | None = None, engine_type: type[Engine] = TallyEngine, **options: Any
) -> Sequencer:
    """Open a facility with a clock that counts."""
    from tarazy.facility.sequencer.sequencer import Sequencer

    clock = itertools.count(CREATED_NS)
    return Sequencer.open(directory, engine_type, clock_ns=lambda: next(clock), files=files, **options)


def build(directory: Path, frames: list[int], segment_bytes: int = 8192, sector_bytes: int = 512) -> Path:
    """Create a facility and write frames of the given command counts; 0 stands for a checkpoint, -1 for a head."""
    create(directory, segment_bytes, sector_bytes)
    with PlainFacility(directory, Unsynced()) as facility:
        written = 0
        for count in frames:
            if count == 0:
                facility.checkpoint()
            elif count < 0:
                facility.head()
            else:
                facility.execute(commands(count, written))
                written += count
    return directory


def places_of(directory: Path) -> list[Place]:
    """Return where each frame stands."""
    reader = JournalReader(directory)
    found = []
    for frame in reader:
        header = read_segment_header(directory, reader.place.segment, reader.identity)
        size = next_start(header, frame.header.frame_bytes)
        found.append(Place(reader.place.segment, reader.place.offset - size))
    return found


def frames_of(directory: Path) -> list[Frame]:
    """Return all frames of a journal."""
    return list(JournalReader(directory))
