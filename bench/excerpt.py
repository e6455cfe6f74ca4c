"""excerpt: what `book` and `explain` take near the end of a journal with 1,000,000 accounts and 1,000,000 orders.

A facility is founded and filled, takes a checkpoint and goes on for some commands; then each verb runs as a process of
its own, as a user would call it. The value is the most memory that either had resident. The kernel counts for a process
what the one had that started it, so the facility is filled in a third one and this one stays small.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import checkpoint
import common
import memory
import signed
import tarazy_core

from tarazy.domain.records import RECORD_SIZE
from tarazy.facility.sequencer.sequencer import Sequencer

BEHIND = 2_000  # commands after the checkpoint


def fill(folder: Path, accounts: int, orders: int) -> int:
    """Write the journal; return its last sequence number."""
    desk = signed.found(folder)
    with Sequencer.open(folder, tarazy_core.Venue, keep_timestamps=True) as sequencer:
        checkpoint.build(sequencer, desk, accounts, orders)
        sequencer.start_checkpoint(wait=True).result()
        more = memory.orders(orders, BEHIND, accounts)
        sequencer.submit(more[: BEHIND * RECORD_SIZE]).result()
        return int(sequencer.engine.next_seq) - 1


def measure(verb: str, *arguments: str) -> dict[str, Any]:
    """Run a verb once; return its seconds and the most memory that it had."""
    command = [sys.executable, "-m", "tarazy.cli.main", verb, *arguments, "--json"]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"expected `tarazy {verb}` to succeed, found exit status {os.waitstatus_to_exitcode(status)}")
    return {"seconds": round(time.perf_counter() - started, 2), "peak_mb": round(usage.ru_maxrss * 1024 / 1e6, 1)}


def main() -> None:
    """Run the bench."""
    made = common.parser(__doc__ or "")
    made.add_argument("--accounts", type=int, default=1_000_000)
    made.add_argument("--orders", type=int, default=1_000_000)
    chosen = made.parse_args()
    with common.scratch() as scratch:
        folder = scratch / "facility"
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as apart:
            last = apart.submit(fill, folder, chosen.accounts, chosen.orders).result()
        common.say(f"filled up to command {last:,}")
        facts = {"book": measure("book", str(folder)), "explain": measure("explain", str(folder), str(last))}
    peak = max(each["peak_mb"] for each in facts.values())
    common.finish(chosen, "excerpt", peak, "MB resident", accounts=chosen.accounts, orders=chosen.orders, **facts)


if __name__ == "__main__":
    main()
