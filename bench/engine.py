"""engine: the whole venue in memory (gate, hold, match, double entry, fees, invariants, events, digest).

The neutral flow in batches through the core on one thread; a second thread hashes commands and events, as the sequencer
does. Latencies are taken command by command by a program of the crate, two clock readings each: the product's own
class has no entry that could. Nothing is persisted.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import queue
import subprocess
import tempfile
import threading
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import common
import numpy as np
import workload

from tarazy.domain.records import RECORD_SIZE, EventKind

BATCH = 4_096
CORE = Path(__file__).resolve().parents[1] / "core"


class Hasher(threading.Thread):
    """Hashes what it is given, in order, and counts events by kind when asked to."""

    def __init__(self, counting: bool) -> None:
        super().__init__()
        self.inbox: queue.SimpleQueue[tuple[bytes, bytes] | None] = queue.SimpleQueue()
        self.chain = bytes(32)
        self.counting = counting
        self.counts = np.zeros(256, np.int64)

    def run(self) -> None:
        """Hash until None comes."""
        while (item := self.inbox.get()) is not None:
            commands, events = item
            self.chain = sha256(self.chain + sha256(commands).digest() + sha256(events).digest()).digest()
            if self.counting:
                kinds = np.frombuffer(events, np.uint8).reshape(-1, RECORD_SIZE)[:, 0]
                self.counts += np.bincount(kinds, minlength=256)


def batches(commands: bytes) -> list[bytes]:
    """Return the commands cut into batches."""
    step = BATCH * RECORD_SIZE
    return [commands[at : at + step] for at in range(0, len(commands), step)]


def play(venue: Any, cut: list[bytes], hasher: Hasher) -> float:
    """Apply batches while the hasher follows; return the seconds until both are done."""
    hasher.start()
    start = time.perf_counter()
    for batch in cut:
        hasher.inbox.put((batch, venue.apply(batch)))
    hasher.inbox.put(None)
    hasher.join()
    return time.perf_counter() - start


def prepared(flow: workload.Workload) -> Any:
    """Return a venue that is set up and preloaded, with the trades it has made so far."""
    import tarazy_core

    venue = tarazy_core.Venue()
    venue.apply(flow.setup)
    venue.apply(flow.preload)
    return venue


def verify(flow: workload.Workload) -> dict[str, int]:
    """Run once with counting; raise SystemExit when the flow does not end up as it must."""
    import tarazy_core

    venue = tarazy_core.Venue()
    venue.apply(flow.setup)
    counter = Hasher(counting=True)
    play(venue, batches(flow.preload) + batches(flow.commands), counter)
    trades = int(counter.counts[EventKind.trade_executed])
    rejected = int(counter.counts[EventKind.command_rejected])
    if trades != flow.expect["trades"] or rejected:
        raise SystemExit(f"expected {flow.expect['trades']} trades and no refusal, found {trades} and {rejected}")
    return {"trades": trades, "events": int(counter.counts.sum())}


def measure(flow: workload.Workload, runs: int, name: str) -> list[float]:
    """Return the commands per second of each run."""
    cut, rates = batches(flow.commands), []
    for run in range(runs):
        venue = prepared(flow)
        gc.collect()
        seconds = play(venue, cut, Hasher(counting=False))
        rates.append(len(flow.commands) / RECORD_SIZE / seconds)
        common.say(f"{name} run {run + 1} of {runs}: {rates[-1]:,.0f} commands/s")
    return rates


def latencies(flow: workload.Workload) -> dict[str, float]:
    """Return percentiles of the time of one command, microseconds, taken by a program of its own (core/benches)."""
    with tempfile.TemporaryDirectory() as folder:
        setup, commands = Path(folder) / "setup", Path(folder) / "commands"
        setup.write_bytes(flow.setup + flow.preload)
        commands.write_bytes(flow.commands)
        line = ["cargo", "bench", "--quiet", "--locked", "--bench", "latency", "--", str(setup), str(commands)]
        done = subprocess.run(line, cwd=CORE, env=environment(), text=True, capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(f"expected core/benches/latency.rs to run, found: {done.stderr.strip()}")
    return {f"{key}_us": ns / 1000 for key, ns in json.loads(done.stdout.splitlines()[-1]).items()}


def environment() -> dict[str, str]:
    """Return the environment in which the core is built: this machine's instruction set unless RUSTFLAGS says."""
    return {"RUSTFLAGS": "-C target-cpu=native", **os.environ}


def arguments() -> argparse.Namespace:
    """Return the parsed command line."""
    made = common.parser(__doc__ or "")
    made.add_argument("--workload", type=Path, help="workload file (default: the same flow, generated)")
    made.add_argument("--count", type=int, default=1_000_000, help="commands of the generated flow")
    made.add_argument("--skip-many", action="store_true", help="leave out 100 markets and 100,000 accounts")
    return made.parse_args()


def main() -> None:
    """Run the bench."""
    chosen = arguments()
    flow = workload.single_market(chosen.workload, count=chosen.count)
    facts: dict[str, Any] = {"commands": len(flow.commands) // RECORD_SIZE, **verify(flow)}
    rates = measure(flow, chosen.runs, "one market, 1,000 accounts")
    facts |= {"runs": [round(rate) for rate in rates], "latency": latencies(flow)}
    if not chosen.skip_many:
        many = workload.many_markets(count=chosen.count)
        verify(many)
        many_rates = measure(many, chosen.runs, "100 markets, 100,000 accounts")
        facts |= {
            "many_markets_per_s": round(common.median(many_rates)),
            "many_markets_runs": [round(r) for r in many_rates],
        }
    common.finish(chosen, "engine", round(common.median(rates)), "commands/s", **facts)


if __name__ == "__main__":
    main()
