"""durable: commands acknowledged after fdatasync, through the whole sequencer into local segments.

A client keeps a window of commands under way, submission by submission; each submission's time runs from the moment it
is handed over until its receipt, which the sequencer gives only when the frame with it is durable. Beside it stands
what the disk does alone with writes of the same size.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import common
import signed
import workload

from tarazy.domain.records import RECORD_SIZE
from tarazy.facility.sequencer.sequencer import Sequencer


def open_sequencer(folder: Path, flow: workload.Workload, account_count: int = 1_000) -> Sequencer:
    """Return a sequencer with the core on a new facility, in which the flow's market is open and its book is filled."""
    import tarazy_core

    desk = signed.found(folder)
    sequencer = Sequencer.open(folder, tarazy_core.Venue, keep_timestamps=True)
    for act in signed.setup(desk, 1, account_count):
        sequencer.submit(act.commands, instructions=act.entry).result()
    if flow.preload:
        sequencer.submit(flow.preload).result()
    return sequencer


def disk_ms(folder: Path, size: int, count: int = 200) -> dict[str, float]:
    """Return median and p99 of write + fdatasync of `size` bytes into a preallocated file, milliseconds."""
    path, block, taken = folder / "probe", os.urandom(size), []
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.posix_fallocate(fd, 0, size * count)
        os.fsync(fd)
        for at in range(count):
            start = time.perf_counter()
            os.pwrite(fd, block, at * size)
            os.fdatasync(fd)
            taken.append((time.perf_counter() - start) * 1_000)
    finally:
        os.close(fd)
        path.unlink()
    taken.sort()
    return {"p50_ms": round(common.percentile(taken, 0.5), 3), "p99_ms": round(common.percentile(taken, 0.99), 3)}


def drive(sequencer: Sequencer, commands: bytes, submission: int, window: int) -> tuple[float, list[float]]:
    """Submit everything with a window under way; return the seconds in all and of each submission."""
    step = submission * RECORD_SIZE
    pieces = [commands[at : at + step] for at in range(0, len(commands), step)]
    room = threading.Semaphore(max(1, window // submission))
    taken = [0.0] * len(pieces)
    clock = time.perf_counter

    def done(at: int, start: float) -> Any:
        def record(future: Any) -> None:
            taken[at] = clock() - start
            room.release()

        return record

    begin, last = clock(), None
    for at, piece in enumerate(pieces):
        room.acquire()
        start = clock()
        last = sequencer.submit(piece)
        last.add_done_callback(done(at, start))
    if last is not None:
        last.result()
    return clock() - begin, sorted(taken)


def one_run(flow: workload.Workload, submission: int, window: int) -> tuple[float, list[float]]:
    """Play the flow on a new facility."""
    with common.scratch() as folder, open_sequencer(folder / "facility", flow) as sequencer:
        return drive(sequencer, flow.commands, submission, window)


def main() -> None:
    """Run the bench."""
    made = common.parser(__doc__ or "")
    made.add_argument("--workload", type=Path)
    made.add_argument("--count", type=int, default=1_000_000)
    made.add_argument("--submission", type=int, default=4_096, help="commands that a client hands over at once")
    made.add_argument("--window", type=int, default=8_192, help="commands under way")
    chosen = made.parse_args()
    flow = workload.single_market(chosen.workload, count=chosen.count)
    rates, p50, p99, worst = [], [], [], []
    for run in range(chosen.runs):
        seconds, taken = one_run(flow, chosen.submission, chosen.window)
        rates.append(len(flow.commands) / RECORD_SIZE / seconds)
        p50.append(common.percentile(taken, 0.5) * 1_000)
        p99.append(common.percentile(taken, 0.99) * 1_000)
        worst.append(taken[-1] * 1_000)
        common.say(
            f"run {run + 1} of {chosen.runs}: {rates[-1]:,.0f} commands/s, p50 {p50[-1]:.2f} ms, p99 {p99[-1]:.2f} ms"
        )
    with common.scratch() as folder:
        disk = disk_ms(folder, 4_096 * RECORD_SIZE)
    facts = {
        "p50_ms": round(common.median(p50), 3),
        "p99_ms": round(common.median(p99), 3),
        "max_ms": round(max(worst), 3),
    }
    shape = {"submission": chosen.submission, "window": chosen.window, "runs": [round(rate) for rate in rates]}
    common.finish(
        chosen, "durable", round(common.median(rates)), "commands/s", **facts, **shape, disk_393216_bytes=disk
    )


if __name__ == "__main__":
    main()
