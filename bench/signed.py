"""The set-up of a bench through a whole sequencer: a facility founded by two people, who sign what opens its market."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import workload

from tarazy.domain.instructions import Assembled
from tarazy.facility.officers.founding import Founder, found_facility
from tarazy.market_data.acting import Desk

CHUNK = 4_095  # with its instruction one frame


def found(folder: Path) -> Desk:
    """Found a facility in a folder and return the desk of its officers."""
    people = [Founder(person.key) for person in Desk.of_names().people]
    identity = found_facility(folder, "bench", people, created_ns=workload.START_NS)
    return Desk.of_names(identity.facility_id)


def setup(desk: Desk, market_count: int, account_count: int) -> Iterator[Assembled]:
    """Yield the signed instructions that open assets, markets and funded accounts."""
    records = workload.setup_records(market_count, account_count)
    while chunk := b"".join(command.pack() for command in islice(records, CHUNK)):
        yield desk.sign(chunk, desk.people, workload.START_NS)
