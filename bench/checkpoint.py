"""checkpoint: how long the engine stands still for a checkpoint of 1,000,000 accounts and 1,000,000 orders in traffic.

Clients keep the sequencer busy with orders of accounts all over the state, first without and then with a checkpoint.
The engine is timed call by call, apart from the disk; the longest time in which it takes no new batch is the value: the
fork itself, or a batch that copies many pages of the frozen state. The gaps between answers, disk included, stand
beside it, and what the child took and how much memory it had of its own.
"""

from __future__ import annotations

import argparse
import threading
import time
from pathlib import Path
from typing import Any

import common
import memory
import signed
from durable import drive

from tarazy.domain.records import RECORD_SIZE
from tarazy.facility.sequencer.sequencer import Sequencer

SUBMISSION = 1_024
WINDOW = 4_096
CHUNK = 65_536


class TimedVenue:
    """The core, with the time of every call of `apply` noted, also without the time in which others had the processor."""

    name = "core"
    edition = 1

    def __init__(self) -> None:
        import tarazy_core

        self._venue: Any = tarazy_core.Venue()
        self.taken: list[float] = []
        self.processor: list[float] = []

    def apply(self, commands: bytes) -> bytes:
        """Apply commands and note how long that took."""
        started, started_processor = time.perf_counter(), time.thread_time()
        events: bytes = self._venue.apply(commands)
        self.taken.append(time.perf_counter() - started)
        self.processor.append(time.thread_time() - started_processor)
        return events

    def __getattr__(self, name: str) -> Any:
        return getattr(self._venue, name)


class Sampler:
    """Note, until it is ended, the most private memory that a child of this process has had."""

    def __init__(self) -> None:
        self.private_bytes = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._ended.wait(0.05):
            for children in Path("/proc/self/task").glob("*/children"):
                for pid in children.read_text().split():
                    self.private_bytes = max(self.private_bytes, private_bytes(pid))

    def end(self) -> int:
        """Stop and return the most that was seen."""
        self._ended.set()
        self._thread.join()
        return self.private_bytes


def private_bytes(pid: str) -> int:
    """Return what a process has of its own, in bytes; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


def build(sequencer: Sequencer, desk: Any, accounts: int, orders: int) -> None:
    """Open the accounts and fill the book."""
    for act in signed.setup(desk, 1, accounts):
        last = sequencer.submit(act.commands, instructions=act.entry)
    for start in range(0, orders, CHUNK):
        last = sequencer.submit(memory.orders(start, min(CHUNK, orders - start), accounts))
    last.result()


def phase(sequencer: Sequencer, commands: bytes) -> dict[str, float]:
    """Drive traffic through the sequencer and return the longest calls and gaps, milliseconds, and the rate."""
    engine: Any = sequencer.engine
    engine.taken.clear()
    engine.processor.clear()
    released: list[float] = []
    sequencer.on_release(f"gaps {time.monotonic_ns()}", lambda frame, events: released.append(time.perf_counter()))
    seconds, _ = drive(sequencer, commands, SUBMISSION, WINDOW)
    gaps = [later - before for before, later in zip(released, released[1:], strict=False)]
    return {
        "longest_batch_ms": round(max(engine.taken) * 1_000, 3),
        "longest_batch_processor_ms": round(max(engine.processor) * 1_000, 3),
        "longest_gap_ms": round(max(gaps) * 1_000, 3),
        "commands_per_s": round(len(commands) / RECORD_SIZE / seconds),
    }


def measure(sequencer: Sequencer, chosen: argparse.Namespace, run: int) -> dict[str, Any]:
    """Return what traffic is like without and with a checkpoint."""
    numbers = [chosen.orders + (2 * run + half) * chosen.count for half in range(2)]
    quiet, busy = (memory.orders(number, chosen.count, chosen.accounts) for number in numbers)
    before, sampler = memory.resident_bytes(), Sampler()
    without = phase(sequencer, quiet)
    done: list[Any] = []
    threading.Timer(chosen.after_s, lambda: done.append(sequencer.start_checkpoint(wait=True))).start()
    during = phase(sequencer, busy)
    while not done:
        time.sleep(0.01)
    done[0].result()
    report = sequencer.last_checkpoint
    assert report is not None
    fork_ms = round(report.fork_ns / 1e6, 3)
    return {
        "pause_ms": max(fork_ms, during["longest_batch_ms"]),
        "fork_ms": fork_ms,
        "without": without,
        "with": during,
        "child_s": report.seconds,
        "child_private_bytes": sampler.end(),
        "resident_bytes": before,
        "snapshot_bytes": report.state_bytes,
    }


def main() -> None:
    """Run the bench."""
    made = common.parser(__doc__ or "")
    made.add_argument("--accounts", type=int, default=1_000_000)
    made.add_argument("--orders", type=int, default=1_000_000)
    made.add_argument("--count", type=int, default=400_000, help="commands of each half of a run")
    made.add_argument("--after-s", type=float, default=0.1, help="seconds of traffic before the checkpoint")
    chosen = made.parse_args()
    with common.scratch() as folder:
        desk = signed.found(folder / "facility")
        with Sequencer.open(folder / "facility", TimedVenue, keep_timestamps=True) as sequencer:
            build(sequencer, desk, chosen.accounts, chosen.orders)
            runs = []
            for run in range(chosen.runs):
                runs.append(measure(sequencer, chosen, run))
                common.say(f"run {run + 1} of {chosen.runs}: {runs[-1]}")
    middle = sorted(runs, key=lambda each: each["pause_ms"])[len(runs) // 2]
    facts = {"accounts": chosen.accounts, "orders": chosen.orders, "pauses_ms": [each["pause_ms"] for each in runs]}
    common.finish(chosen, "checkpoint", middle["pause_ms"], "ms engine pause", **facts, **middle)


if __name__ == "__main__":
    main()
