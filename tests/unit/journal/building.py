"""Small journals for tests: the same commands give the same bytes, so that a test can change one of them."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from tarazy.domain.engine import Engine
from tarazy.domain.records import EDITION, AdvanceTime, CancelAll, PlaceOrder
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.create import create_facility
from tarazy.journal.files import Files
from tarazy.journal.frame import Frame
from tarazy.journal.reader import JournalReader
from tests.simulation.tally_engine import TallyEngine

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


def create(directory: Path, segment_bytes: int = 8192) -> Path:
    """Create a facility that is the same every time."""
    create_facility(
        directory, "Test venue", edition=EDITION, segment_bytes=segment_bytes, created_ns=CREATED_NS, seed=SEED
    )
    return directory


def open_sequencer(
    directory: Path, files: Files | None = None, engine_type: type[Engine] = TallyEngine, **options: Any
) -> Sequencer:
    """Open a facility with a clock that counts."""
    clock = itertools.count(CREATED_NS)
    return Sequencer.open(directory, engine_type, clock_ns=lambda: next(clock), files=files, **options)


def build(directory: Path, frames: list[int], segment_bytes: int = 8192) -> Path:
    """Create a facility and write frames of the given command counts; 0 stands for a checkpoint."""
    create(directory, segment_bytes)
    with open_sequencer(directory) as sequencer:
        written = 0
        for count in frames:
            if count == 0:
                sequencer.checkpoint()
            else:
                sequencer.execute(commands(count, written))
                written += count
    return directory


def frames_of(directory: Path) -> list[Frame]:
    """Return all frames of a journal."""
    return list(JournalReader(directory))
