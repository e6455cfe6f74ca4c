"""ack: one command at a time, each acknowledged after its own fdatasync, beside the machine's own fdatasync."""

from __future__ import annotations

import time

import common
import workload
from durable import disk_ms, open_sequencer

from tarazy.domain.records import RECORD_SIZE


def one_run(flow: workload.Workload, count: int) -> tuple[list[float], dict[str, float]]:
    """Return the sorted milliseconds of each command, and what the disk does alone at the same time."""
    with common.scratch() as folder, open_sequencer(folder / "facility", flow) as sequencer:
        disk, taken = disk_ms(folder, 4_096, 500), []
        for at in range(0, count * RECORD_SIZE, RECORD_SIZE):
            command = flow.commands[at : at + RECORD_SIZE]
            start = time.perf_counter()
            sequencer.execute(command)
            taken.append((time.perf_counter() - start) * 1_000)
        return sorted(taken), disk


def main() -> None:
    """Run the bench."""
    made = common.parser(__doc__ or "")
    made.add_argument("--count", type=int, default=2_000, help="commands of a run")
    chosen = made.parse_args()
    flow = workload.single_market(None, count=max(chosen.count, 1_000))
    p50, p99, disk_p50 = [], [], []
    for run in range(chosen.runs):
        taken, disk = one_run(flow, chosen.count)
        p50.append(common.percentile(taken, 0.5))
        p99.append(common.percentile(taken, 0.99))
        disk_p50.append(disk["p50_ms"])
        common.say(
            f"run {run + 1} of {chosen.runs}: p50 {p50[-1]:.3f} ms, p99 {p99[-1]:.3f} ms; fdatasync alone {disk}"
        )
    median = common.median(p50)
    disk_median = common.median(disk_p50)
    facts = {
        "p99_ms": round(common.median(p99), 3),
        "fdatasync_p50_ms": disk_median,
        "ratio": round(median / disk_median, 2),
    }
    common.finish(chosen, "ack", round(median, 3), "ms p50", **facts, commands=chosen.count)


if __name__ == "__main__":
    main()
