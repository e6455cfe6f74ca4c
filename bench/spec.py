"""spec: the readable venue on the neutral flow, one thread, nothing persisted."""

from __future__ import annotations

import time
from hashlib import sha256
from pathlib import Path

import common
import workload

from tarazy.domain.records import RECORD_SIZE
from tarazy.spec.venue import Venue

BATCH = 4_096 * RECORD_SIZE


def one_run(flow: workload.Workload) -> float:
    """Return commands per second, digest included."""
    venue = Venue()
    venue.apply(flow.setup)
    venue.apply(flow.preload)
    digest, start = sha256(), time.perf_counter()
    for at in range(0, len(flow.commands), BATCH):
        digest.update(venue.apply(flow.commands[at : at + BATCH]))
    return len(flow.commands) / RECORD_SIZE / (time.perf_counter() - start)


def main() -> None:
    """Run the bench."""
    made = common.parser(__doc__ or "")
    made.add_argument("--workload", type=Path)
    made.add_argument("--count", type=int, default=100_000)
    chosen = made.parse_args()
    flow = workload.single_market(chosen.workload, count=chosen.count)
    rates = []
    for run in range(chosen.runs):
        rates.append(one_run(flow))
        common.say(f"run {run + 1} of {chosen.runs}: {rates[-1]:,.0f} commands/s")
    runs = [round(rate) for rate in rates]
    common.finish(
        chosen, "spec", round(common.median(rates)), "commands/s", commands=len(flow.commands) // RECORD_SIZE, runs=runs
    )


if __name__ == "__main__":
    main()
