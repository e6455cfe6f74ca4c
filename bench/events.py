"""events: what it costs a writer at a steady pace that everybody hears of its events, and how late they hear.

The commands are made before the clock starts; a thread of the writer's process submits them at the pace, and its
processor time counts in both runs. No process is pinned.

Runs alternate: the writer alone, then the writer with its events file and its durable position, and all projections in
memory in two other processes. The cost is the writer's processor time a command; the lag runs from a receipt
to the moment in which every projection has the events of its commands.
"""

from __future__ import annotations

import bisect
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import common

# Two processes share the projections: together they take more than one processor has at this pace.
SHARED_OUT = (("balances", "open_orders"), ("orders", "trades", "book", "candles"))
PARTS = Path(__file__).resolve().with_name("events_parts.py")


def start(*arguments: object) -> tuple[subprocess.Popen[str], int]:
    """Start a part and wait until it is ready; return it and the number of the last command that it knows of."""
    process = subprocess.Popen(
        [sys.executable, str(PARTS), *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    word, _, number = process.stdout.readline().partition(" ")
    assert word == "ready", "a part of the bench did not start"
    return process, int(number)


def one_run(rate: int, count: int, published: bool) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Run the writer, with or without all that listens; return what all said."""
    with common.scratch() as scratch:
        folder = scratch / "facility"
        writer, last_seq = start("writer", folder, rate, count, int(published))
        projectors = [start("projector", folder, *names)[0] for names in SHARED_OUT] if published else []
        for projector in projectors:
            assert projector.stdin is not None
            projector.stdin.write(f"{last_seq}\n")
            projector.stdin.flush()
        written = json.loads(writer.communicate("go\n")[0])
        return written, [json.loads(projector.communicate()[0]) for projector in projectors]


def lags_ms(written: dict[str, Any], projected: list[dict[str, Any]]) -> list[float]:
    """Return for each piece of commands how long after its receipt its events were in every projection."""
    latest: dict[int, float] = {}
    for part in projected:
        seqs = [seq for seq, _ in part["applied"]]
        for seq, _, told in written["told"]:
            lag = (part["applied"][bisect.bisect_left(seqs, seq)][1] - told) / 1e6
            latest[seq] = max(latest.get(seq, 0.0), lag)
    return sorted(latest.values())


def acks_ms(written: dict[str, Any]) -> list[float]:
    """Return how long each piece waited for its receipt from the moment in which it was due."""
    return sorted((told - due) / 1e6 for _, due, told in written["told"])


def main() -> None:
    """Run the bench."""
    made = common.parser(__doc__ or "")
    made.add_argument("--rate", type=int, default=100_000, help="commands a second")
    made.add_argument("--count", type=int, default=500_000, help="commands of a run")
    chosen = made.parse_args()
    alone, listened, lag50, lag99, ack_alone, ack_listened, busy = [], [], [], [], [], [], []
    for run in range(chosen.runs):
        written, _ = one_run(chosen.rate, chosen.count, published=False)
        alone.append(written["cpu_s"] / chosen.count * 1e6)
        ack_alone.append(common.percentile(acks_ms(written), 0.99))
        written, projected = one_run(chosen.rate, chosen.count, published=True)
        assert not written["stale"], written["stale"]
        listened.append(written["cpu_s"] / chosen.count * 1e6)
        ack_listened.append(common.percentile(acks_ms(written), 0.99))
        lags = lags_ms(written, projected)
        lag50.append(common.percentile(lags, 0.5))
        lag99.append(common.percentile(lags, 0.99))
        busy.append(max(part["cpu_s"] for part in projected) / written["seconds"])
        common.say(
            f"run {run + 1} of {chosen.runs}: writer {alone[-1]:.3f} alone, {listened[-1]:.3f} us of processor a "
            f"command; acks p99 {ack_alone[-1]:.1f} and {ack_listened[-1]:.1f} ms; lag p50 {lag50[-1]:.1f}, "
            f"p99 {lag99[-1]:.1f} ms; busier projector {busy[-1]:.0%}; {len(lags) * 500 / written['seconds']:,.0f}/s"
        )
    cost = (common.median(listened) / common.median(alone) - 1) * 100
    facts = {
        "lag_p50_ms": round(common.median(lag50), 2),
        "lag_p99_ms": round(common.median(lag99), 2),
        "writer_us_alone": [round(value, 3) for value in alone],
        "writer_us_with": [round(value, 3) for value in listened],
        "ack_p99_ms_alone": round(common.median(ack_alone), 2),
        "ack_p99_ms_with": round(common.median(ack_listened), 2),
        "projector_busy": round(common.median(busy), 2),
        "rate": chosen.rate,
    }
    common.finish(chosen, "events", round(cost, 2), "% of the writer's processor time", **facts)


if __name__ == "__main__":
    main()
