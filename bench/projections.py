"""projections: events a second into SQL, all projections in one database, from the events file of a recorded flow."""

from __future__ import annotations

import time
from pathlib import Path

import common
from events_parts import open_facility, orders, set_up

from tarazy.domain.records import RECORD_SIZE
from tarazy.facility.projections.catalogue import PROJECTIONS
from tarazy.facility.projections.projector import apply_all
from tarazy.facility.projections.sql import SqlStore
from tarazy.facility.publication import publish
from tarazy.journal.events_rebuild import recorded

FRAME_COMMANDS = 500


def record(folder: Path, count: int) -> None:
    """Write the neutral flow into a journal with its events file."""
    sequencer, desk = open_facility(folder)
    with sequencer:
        publication = publish(sequencer, folder)
        set_up(sequencer, desk)
        commands = orders(sequencer.engine.next_seq, count)
        for at in range(0, len(commands), FRAME_COMMANDS * RECORD_SIZE):
            sequencer.execute(commands[at : at + FRAME_COMMANDS * RECORD_SIZE])
    publication.close()


def one_run(folder: Path, database: Path, names: list[str]) -> tuple[int, float]:
    """Apply the whole record to new projections in a new database; return events and seconds."""
    projections = [PROJECTIONS[name]() for name in names]
    with SqlStore(database) as store:
        for projection in projections:
            store.attach(projection)
        begin = time.perf_counter()
        applied = apply_all(recorded(folder), projections, store)
        return applied.events, time.perf_counter() - begin


def main() -> None:
    """Run the bench."""
    made = common.parser(__doc__ or "")
    made.add_argument("--count", type=int, default=50_000, help="commands of the flow")
    chosen = made.parse_args()
    rates: list[float] = []
    alone: dict[str, int] = {}
    with common.scratch() as scratch:
        record(scratch / "facility", chosen.count)
        for run in range(chosen.runs):
            events, seconds = one_run(scratch / "facility", scratch / f"{run}.sqlite3", list(PROJECTIONS))
            rates.append(events / seconds)
            common.say(f"run {run + 1} of {chosen.runs}: {events:,} events, {rates[-1]:,.0f} events/s")
        for name in PROJECTIONS:
            events, seconds = one_run(scratch / "facility", scratch / f"{name}.sqlite3", [name])
            alone[name] = round(events / seconds)
    facts = {"runs": [round(rate) for rate in rates], "each_alone": alone, "events": events}
    common.finish(chosen, "projections", round(common.median(rates)), "events/s", **facts)


if __name__ == "__main__":
    main()
