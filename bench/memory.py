"""memory: what 1,000,000 accounts and 1,000,000 resting orders take, and how long a start from their snapshot takes.

Each half is measured in a process of its own: one builds the state and writes the snapshot, one starts from it.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import common
import numpy as np
import workload

from tarazy.domain.records import (
    RECORD_SIZE,
    CommandKind,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
)

CHUNK = 65_536


def peak_bytes() -> int:
    """Return the most memory that this process has had resident."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def resident_bytes() -> int:
    """Return the memory that this process has resident now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def orders(start: int, count: int, accounts: int) -> bytes:
    """Return resting orders start .. start + count - 1, one an account in turn, on 20,000 levels."""
    numbers = np.arange(start, start + count, dtype=np.uint64)
    out = np.zeros((count, RECORD_SIZE), np.uint8)
    half = np.uint64(accounts // 2)
    account = numbers % np.uint64(accounts) + np.uint64(1)
    buys = account <= half
    out[:, 0:2] = np.full(count, int(CommandKind.place_order), "<u2").view(np.uint8).reshape(-1, 2)
    distance = numbers * np.uint64(7919) % np.uint64(10_000) + np.uint64(1)
    price = np.where(buys, np.uint64(100_000) - distance, np.uint64(100_000) + distance)
    fields = {
        "ts_ns": workload.START_NS + numbers,
        "order_type": int(OrderType.limit),
        "side": np.where(buys, int(Side.buy), int(Side.sell)),
        "time_in_force": int(TimeInForce.gtc),
        "self_trade_prevention": int(SelfTradePrevention.expire_taker),
        "market_id": 1,
        "account_id": account,
        "client_order_id": numbers + np.uint64(1),
        "price_ticks": price,
        "quantity_lots": numbers % np.uint64(100) + np.uint64(1),
    }
    for field, values in fields.items():
        workload.view(out, "PlaceOrder", field)[:] = values
    return out.tobytes()


def build(accounts: int, resting: int, snapshot: Path) -> dict[str, float]:
    """Build the state, measure it and write its snapshot."""
    import tarazy_core

    before = resident_bytes()
    venue = tarazy_core.Venue()
    for chunk in workload.setup_chunks(1, accounts, 4_096):
        venue.apply(chunk)
    for start in range(0, resting, CHUNK):
        venue.apply(orders(start, min(CHUNK, resting - start), accounts))
    in_use, peak = resident_bytes(), peak_bytes()
    started = time.perf_counter()
    blob = venue.snapshot()
    seconds = time.perf_counter() - started
    snapshot.write_bytes(blob)
    facts = {"resident_bytes": in_use, "engine_bytes": in_use - before, "peak_building_bytes": peak}
    return {**facts, "snapshot_bytes": len(blob), "snapshot_s": seconds}


def start(snapshot: Path) -> dict[str, float]:
    """Start from the snapshot and measure time and memory."""
    import tarazy_core

    started = time.perf_counter()
    venue = tarazy_core.Venue.restore(snapshot.read_bytes())
    seconds = time.perf_counter() - started
    return {
        "start_s": seconds,
        "start_resident_bytes": resident_bytes(),
        "start_peak_bytes": peak_bytes(),
        "next_seq": venue.next_seq,
    }


def child(*arguments: str) -> dict[str, float]:
    """Run one half in a process of its own and return what it measured."""
    run = subprocess.run([sys.executable, __file__, *arguments], capture_output=True, text=True, check=False)
    if run.returncode:
        raise SystemExit(run.stderr)
    return dict(json.loads(run.stdout.splitlines()[-1]))


def arguments() -> argparse.Namespace:
    """Return the parsed command line."""
    made = common.parser(__doc__ or "")
    made.add_argument("--accounts", type=int, default=1_000_000)
    made.add_argument("--orders", type=int, default=1_000_000)
    made.add_argument("--build", type=Path, help=argparse.SUPPRESS)
    made.add_argument("--start", type=Path, help=argparse.SUPPRESS)
    return made.parse_args()


def main() -> None:
    """Run the bench."""
    chosen = arguments()
    if chosen.build:
        print(json.dumps(build(chosen.accounts, chosen.orders, chosen.build)))
        return
    if chosen.start:
        print(json.dumps(start(chosen.start)))
        return
    with common.scratch() as folder:
        path, size = str(folder / "state"), ["--accounts", str(chosen.accounts), "--orders", str(chosen.orders)]
        built = child("--build", path, *size)
        started = child("--start", path, *size)
    gib = built["resident_bytes"] / 2**30
    facts = {key: round(value, 3) for key, value in {**built, **started}.items()}
    common.finish(
        chosen, "memory", round(gib, 3), "GiB resident", accounts=chosen.accounts, orders=chosen.orders, **facts
    )


if __name__ == "__main__":
    main()
