"""checkpoint: how long the engine stands still for a checkpoint of 1,000,000 accounts and 1,000,000 orders in traffic.

Clients place and cancel orders of accounts all over the state, first without and then with a checkpoint.
The engine is timed call by call, apart from the disk; the longest time in which it takes no new batch is the value: the
fork itself, or a batch that copies many pages of the frozen state. The gaps between answers, disk included, stand
beside it, and what the child took and how much memory it had of its own.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import common
import memory
import numpy as np
import signed
import workload
from durable import drive

from tarazy.domain.engine import Engine
from tarazy.domain.records import RECORD_SIZE, CommandKind
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.statement import Statement

SUBMISSION = 1_024
WINDOW = 4_096
CHUNK = 65_536


class TimedVenue:
    """The core, with the time of every call of `apply` noted; `processor` leaves out when others had it."""

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


def traffic(first: int, count: int, orders: int, accounts: int) -> bytes:
    """Return new orders, each before the cancellation of one of the oldest, so that the book keeps its size."""
    placed = np.frombuffer(memory.orders(first, count // 2, accounts), np.uint8).reshape(-1, RECORD_SIZE)
    canceled = np.zeros_like(placed)
    canceled[:, 0:2] = np.full(count // 2, int(CommandKind.cancel_order), "<u2").view(np.uint8).reshape(-1, 2)
    numbers = np.arange(first - orders, first - orders + count // 2, dtype=np.uint64)
    fields = {
        "ts_ns": workload.START_NS + numbers + np.uint64(orders),
        "market_id": 1,
        "account_id": numbers % np.uint64(accounts) + np.uint64(1),
        "client_order_id": numbers + np.uint64(1),
    }
    for field, values in fields.items():
        workload.view(canceled, "CancelOrder", field)[:] = values
    return np.stack([placed, canceled], axis=1).tobytes()


class Traffic:
    """Commands without end, in pieces of `count`."""

    def __init__(self, chosen: argparse.Namespace) -> None:
        self._chosen, self._first = chosen, chosen.orders

    def piece(self) -> bytes:
        """Return the next piece."""
        first, self._first = self._first, self._first + self._chosen.count // 2
        return traffic(first, self._chosen.count, self._chosen.orders, self._chosen.accounts)


def phase(sequencer: Sequencer, flow: Traffic, is_over: Callable[[], bool]) -> dict[str, float]:
    """Drive traffic until it is over, and one piece more; return longest calls and gaps, milliseconds, and the rate."""
    engine: Any = sequencer.engine
    engine.taken.clear()
    engine.processor.clear()
    released: list[float] = []
    sequencer.on_release(f"gaps {time.monotonic_ns()}", lambda frame, events: released.append(time.perf_counter()))
    seconds, written, gaps, is_last = 0.0, 0, [0.0], False
    while not is_last:
        is_last, piece = is_over(), flow.piece()
        released.clear()
        seconds += drive(sequencer, piece, SUBMISSION, WINDOW)[0]
        written += len(piece) // RECORD_SIZE
        gaps += [later - before for before, later in pairwise(released)]
    return {
        "longest_batch_ms": round(max(engine.taken) * 1_000, 3),
        "longest_batch_processor_ms": round(max(engine.processor) * 1_000, 3),
        "longest_gap_ms": round(max(gaps) * 1_000, 3),
        "commands_per_s": round(written / seconds),
    }


def measure(sequencer: Sequencer, flow: Traffic) -> dict[str, Any]:
    """Return what traffic is like without and with a checkpoint, which is marked and worked on beside it."""
    before, sampler = memory.resident_bytes(), Sampler()
    without = phase(sequencer, flow, lambda: True)
    marked: list[Future[Statement]] = []
    thread = threading.Thread(target=lambda: marked.append(sequencer.start_checkpoint(wait=True)))
    thread.start()
    during = phase(sequencer, flow, lambda: bool(marked))
    thread.join()
    marked[0].result()
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
    made.add_argument("--count", type=int, default=200_000, help="commands of a piece of traffic")
    chosen = made.parse_args()
    with common.scratch() as folder:
        desk = signed.found(folder / "facility")
        with Sequencer.open(folder / "facility", cast("type[Engine]", TimedVenue), keep_timestamps=True) as sequencer:
            build(sequencer, desk, chosen.accounts, chosen.orders)
            flow, runs = Traffic(chosen), []
            for run in range(chosen.runs):
                runs.append(measure(sequencer, flow))
                common.say(f"run {run + 1} of {chosen.runs}: {runs[-1]}")
    middle = sorted(runs, key=lambda each: each["pause_ms"])[len(runs) // 2]
    facts = {"accounts": chosen.accounts, "orders": chosen.orders, "pauses_ms": [each["pause_ms"] for each in runs]}
    common.finish(chosen, "checkpoint", middle["pause_ms"], "ms engine pause", **facts, **middle)


if __name__ == "__main__":
    main()
