"""markets: the speed of 100 and of 1,000 markets with 100,000 accounts, as a share of one market's in the same minutes.

Three venues of the core, one for each flow, take turns of a few batches in one process, so that what the machine's
neighbours take falls on all of them. Each turn begins with a batch that is not timed; it brings back to the caches what
the others drove out. Counted is the processor time of the thread that calls, without hashing. The memory is as after a
checkpoint, which puts large pages behind it.
"""

from __future__ import annotations

import time
from typing import Any

import common
import workload
from engine import batches, prepared

from tarazy.domain.records import RECORD_SIZE
from tarazy.facility.sequencer.huge_pages import collapse_memory

TURN = 8
ACCOUNTS = 100_000
MARKETS = (100, 1_000)


def turn(venue: Any, pieces: list[bytes]) -> float:
    """Apply pieces and return the commands a second of all but the first."""
    venue.apply(pieces[0])
    started = time.thread_time()
    for piece in pieces[1:]:
        venue.apply(piece)
    return sum(map(len, pieces[1:])) / RECORD_SIZE / (time.thread_time() - started)


def flows(count: int) -> dict[str, workload.Workload]:
    """Return the flows by the number of their markets: the same number of commands, begun with books of one size."""
    many = {
        str(markets): workload.many_markets(markets, ACCOUNTS, count + markets * workload.PRELOAD // 10)
        for markets in MARKETS
    }
    return {"1": workload.single_market(count=count + workload.PRELOAD), **many}


def one_run(made: dict[str, workload.Workload]) -> dict[str, float]:
    """Play all flows in turns; return the median rate of the turns of each, commands a second."""
    venues = {name: prepared(flow) for name, flow in made.items()}
    cut = {name: batches(flow.commands) for name, flow in made.items()}
    collapse_memory()
    rates: dict[str, list[float]] = {name: [] for name in made}
    for at in range(0, min(map(len, cut.values())) - TURN, TURN):
        for name, venue in venues.items():
            rates[name].append(turn(venue, cut[name][at : at + TURN]))
    return {name: common.median(each) for name, each in rates.items()}


def main() -> None:
    """Run the bench."""
    made = common.parser(__doc__ or "")
    made.add_argument("--count", type=int, default=500_000, help="commands of each flow")
    chosen = made.parse_args()
    played, shares = flows(chosen.count), []
    for run in range(chosen.runs):
        rates = one_run(played)
        shares.append({name: rate / rates["1"] for name, rate in rates.items()})
        common.say(f"run {run + 1} of {chosen.runs}: " + ", ".join(f"{n}: {rate:,.0f}/s" for n, rate in rates.items()))
    middle = {name: round(common.median([share[name] for share in shares]), 3) for name in shares[0]}
    runs = [{name: round(value, 3) for name, value in share.items()} for share in shares]
    common.finish(
        chosen, "markets", middle["100"], "of one market's speed, 100 markets", share_1000=middle["1000"], runs=runs
    )


if __name__ == "__main__":
    main()
