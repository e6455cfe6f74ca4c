"""The processes of the events bench: a writer that is fed at a steady pace, and projectors beside it.

Each says its figures as one JSON line on standard output. Times are of CLOCK_MONOTONIC, which all processes share.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from pathlib import Path
from typing import Any

import workload

from tarazy.domain.records import RECORD_SIZE
from tarazy.domain.signer import KeySigner
from tarazy.facility.officers.founding import Founder, found_facility
from tarazy.facility.projections.catalogue import PROJECTIONS
from tarazy.facility.projections.projector import Projector
from tarazy.facility.publication import publish
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.market_data.acting import Desk

ACCOUNTS = 1_000
PIECE = 500
HISTORY_MAX = 100_000


def open_facility(folder: Path) -> tuple[Sequencer, Desk]:
    """Found a facility and open its sequencer with the core."""
    import tarazy_core

    keys = [KeySigner.generate() for _ in range(2)]
    identity = found_facility(folder, "bench", [Founder(key) for key in keys], created_ns=workload.START_NS)
    return Sequencer.open(folder, tarazy_core.Venue, keep_timestamps=True), Desk(identity.facility_id, keys)


def set_up(sequencer: Sequencer, desk: Desk) -> None:
    """Open the market and fund the accounts, as two people who sign for it."""
    records = workload.setup_records(1, ACCOUNTS)
    for assembled in desk.instructions(records, desk.people, workload.START_NS):
        sequencer.execute(assembled.commands, instructions=assembled.entry)


def orders(first_seq: int, count: int) -> bytes:
    """Return the neutral flow as commands whose first one gets a number."""
    import numpy as np

    records, _ = workload.load(None, count=count)
    accounts = np.arange(1, ACCOUNTS + 1, dtype=np.uint32)
    half = ACCOUNTS // 2
    return workload.to_commands(records, first_seq, 1, 1, accounts[:half], accounts[half:]).tobytes()


def drive(sequencer: Sequencer, commands: bytes, rate: int) -> list[tuple[int, int, int]]:
    """Submit pieces at a pace; return for each its last command, when it was due and when its receipt came, in ns."""
    step, pause_ns = PIECE * RECORD_SIZE, PIECE * 10**9 // rate
    begin = time.monotonic_ns()
    told: list[tuple[int, int, int]] = []

    def done(due: int) -> Any:
        def record(future: Any) -> None:
            receipt = future.result()
            told.append((receipt.first_seq + receipt.command_count - 1, due, time.monotonic_ns()))

        return record

    last = None
    for number, at in enumerate(range(0, len(commands), step)):
        due = begin + number * pause_ns
        if (wait_ns := due - time.monotonic_ns()) > 0:
            time.sleep(wait_ns / 1e9)
        last = sequencer.submit(commands[at : at + step])
        last.add_done_callback(done(due))
    if last is not None:
        last.result()
    return told


def write(folder: Path, rate: int, count: int, published: bool) -> dict[str, Any]:
    """Run the writer: set up, say `ready`, wait for a line, write at the pace."""
    sequencer, desk = open_facility(folder)
    with sequencer:
        publication = publish(sequencer, folder) if published else None
        set_up(sequencer, desk)
        commands = orders(sequencer.engine.next_seq, count)
        print("ready", sequencer.released_seq + len(commands) // RECORD_SIZE, flush=True)
        sys.stdin.readline()
        gc.collect()
        gc.freeze()
        cpu, begin = time.process_time(), time.monotonic()
        told = drive(sequencer, commands, rate)
        seconds, used = time.monotonic() - begin, time.process_time() - cpu
        stale = [status.reason for status in sequencer.listeners() if status.is_stale]
    if publication is not None:
        publication.close()
    return {"seconds": seconds, "cpu_s": used, "told": told, "stale": stale}


def project(folder: Path, names: list[str]) -> dict[str, Any]:
    """Run the projector until the command that it is told; note when each frame was applied."""
    projections = [PROJECTIONS[name]() for name in names]
    for projection in projections:
        projection.limit_history(HISTORY_MAX)
    projector = Projector(folder, projections)
    print("ready", 0, flush=True)
    gc.disable()  # a collection over millions of rows stands still for longer than the bound; nothing here is a cycle
    target, applied = int(sys.stdin.readline()), []
    cpu = time.process_time()

    def note(_: int) -> None:
        applied.append((projections[0].cursor.next_seq - 1, time.monotonic_ns()))

    while projections[0].cursor.next_seq <= target:
        projector.step(0.5, note)
    projector.close()
    return {"applied": applied, "cpu_s": time.process_time() - cpu}


if __name__ == "__main__":
    part, folder = sys.argv[1], Path(sys.argv[2])
    if part == "projector":
        said = project(folder, sys.argv[3:])
    else:
        rate, count, published = map(int, sys.argv[3:])
        said = write(folder, rate, count, bool(published))
    print(json.dumps(said))
