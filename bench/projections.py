"""projections: events a second into SQL, all projections in one database, from the events file of a recorded flow.

Runs alternate between SQLite in a file and PostgreSQL on this machine, where its programs are installed; the server
runs for the bench alone, with its settings as they come, syncs included. `value` is the rate of the slower one.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
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


def one_run(folder: Path, database: str, names: list[str]) -> tuple[int, float, float]:
    """Apply the whole record to new projections in a new database; return events, seconds and seconds of processor."""
    projections = [PROJECTIONS[name]() for name in names]
    with SqlStore(database) as store:
        for projection in projections:
            store.attach(projection)
        begin, cpu = time.perf_counter(), time.process_time()
        applied = apply_all(recorded(folder), projections, store)
        return applied.events, time.perf_counter() - begin, time.process_time() - cpu


@contextmanager
def databases(scratch: Path) -> Iterator[dict[str, Callable[[], str]]]:
    """Give for each kind of database what makes a new one."""
    numbers = count()
    found: dict[str, Callable[[], str]] = {"sqlite": lambda: str(scratch / f"{next(numbers)}.sqlite3")}
    sys.path.append(str(common.ROOT))
    from tests.postgres_server import PostgresServer, installed_programs

    programs = installed_programs()
    if programs is None:
        common.say("PostgreSQL is not here: install the package postgresql to measure it too")
        yield found
        return
    server = PostgresServer(programs, syncs=True)
    try:
        yield {**found, "postgresql": server.new_database}
    finally:
        server.stop()


def main() -> None:
    """Run the bench."""
    made = common.parser(__doc__ or "")
    made.add_argument("--count", type=int, default=50_000, help="commands of the flow")
    chosen = made.parse_args()
    with common.scratch() as scratch, databases(scratch) as kinds:
        rates: dict[str, list[float]] = {kind: [] for kind in kinds}
        cpu_us: dict[str, list[float]] = {kind: [] for kind in kinds}
        record(scratch / "facility", chosen.count)
        for run in range(chosen.runs):
            for kind, new in kinds.items():
                events, seconds, cpu = one_run(scratch / "facility", new(), list(PROJECTIONS))
                rates[kind].append(events / seconds)
                cpu_us[kind].append(cpu / events * 1e6)
                common.say(f"run {run + 1} of {chosen.runs}: {events:,} events, {rates[kind][-1]:,.0f}/s into {kind}")
        alone: dict[str, dict[str, int]] = {kind: {} for kind in kinds}
        for name in PROJECTIONS:
            for kind, new in kinds.items():
                events, seconds, _ = one_run(scratch / "facility", new(), [name])
                alone[kind][name] = round(events / seconds)
    medians = {kind: round(common.median(each)) for kind, each in rates.items()}
    facts = {
        "rates": medians,
        "runs": {kind: [round(rate) for rate in each] for kind, each in rates.items()},
        "projector_us_an_event": {kind: round(common.median(each), 2) for kind, each in cpu_us.items()},
        "each_alone": alone,
        "events": events,
    }
    common.finish(chosen, "projections", min(medians.values()), "events/s", **facts)


if __name__ == "__main__":
    main()
