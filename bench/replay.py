"""replay: a journal of the neutral flow, by the core and, over checkpoints in parallel processes, by the spec.

Before each replay by the core the engine alone applies the same commands in the same batches, hashed beside it as in
the bench `engine`: the replay's share of that speed is reported, by the clock and by processor time of the applying
thread.

The journal has checkpoints in between, which have numbers of their own; so the flow cancels by the client's numbers.
What came of it is compared with what the flow must end up with, and the share of accepted commands is reported.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import common
import numpy as np
import workload
from durable import open_sequencer
from engine import Hasher, play

from tarazy.domain.records import RECORD_SIZE, EventKind
from tarazy.journal.reader import JournalReader
from tarazy.journal.replay import replay

SUBMISSION = 4_096


class Played(NamedTuple):
    """What the venue did with the flow: how many commands it refused, and how many trades it made."""

    refused: int
    trades: int


class Share(NamedTuple):
    """A replay's part of the engine's speed: by the clock, and by processor time of the thread that applies."""

    clock: float
    processor: float


def write_journal(folder: Path, flow: workload.Workload, checkpoints: int) -> Played:
    """Play the flow into a new journal with checkpoints at even distances.

    Raises: SystemExit where the venue does not end up with the flow's trades.
    """
    refused = trades = 0
    commands = flow.preload + flow.commands
    with open_sequencer(folder, replace(flow, preload=b"")) as sequencer:
        step = -(-len(commands) // RECORD_SIZE // checkpoints) * RECORD_SIZE
        for at in range(0, len(commands), step):
            for piece in pieces(commands[at : at + step]):
                kinds = np.frombuffer(sequencer.execute(piece), "<u2").reshape(-1, RECORD_SIZE // 2)[:, 0]
                refused += int((kinds == EventKind.command_rejected).sum())
                trades += int((kinds == EventKind.trade_executed).sum())
            sequencer.checkpoint()
    if trades != flow.expect["trades"]:
        raise SystemExit(f"expected {flow.expect['trades']} trades, as the flow has, found {trades}")
    return Played(refused, trades)


def pieces(commands: bytes) -> list[bytes]:
    """Return commands in submissions."""
    step = SUBMISSION * RECORD_SIZE
    return [commands[at : at + step] for at in range(0, len(commands), step)]


def replayed(folder: Path, *options: str) -> dict[str, Any]:
    """Run `tarazy replay` and return its JSON object."""
    command = [sys.executable, "-m", "tarazy.cli.main", "replay", str(folder), "--json", *options]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        raise SystemExit(f"replay {' '.join(options)} failed: {run.stderr[-2000:]}{run.stdout[-2000:]}")
    return dict(json.loads(run.stdout.splitlines()[-1]))


def share_of_engine(folder: Path) -> Share:
    """Let the engine apply the journal's commands alone and then replay it; return what the replay reaches of that."""
    import tarazy_core

    frames = [frame.commands for frame in JournalReader(folder) if frame.header.command_count]
    venue, replaying = tarazy_core.Venue(), tarazy_core.Venue()
    gc.collect()
    processor = time.thread_time()
    alone_s = play(venue, frames, Hasher(counting=False))
    alone_processor_s = time.thread_time() - processor
    del frames
    gc.collect()
    clock, processor = time.perf_counter(), time.thread_time()
    report = replay(folder, replaying)
    replay_s, replay_processor_s = time.perf_counter() - clock, time.thread_time() - processor
    if report.divergence is not None:
        raise SystemExit(f"expected the replay to agree, found {report.divergence}")
    return Share(alone_s / replay_s, alone_processor_s / replay_processor_s)


def main() -> None:
    """Run the bench."""
    made = common.parser(__doc__ or "")
    made.add_argument("--count", type=int, default=1_000_000)
    made.add_argument("--checkpoints", type=int, default=16)
    chosen = made.parse_args()
    flow = workload.single_market(None, count=chosen.count, by_client=True)
    jobs, core, spec, shares = os.cpu_count() or 1, [], [], []
    with common.scratch() as parent:
        folder = parent / "facility"
        played = write_journal(folder, flow, chosen.checkpoints)
        share = 1 - played.refused * RECORD_SIZE / len(flow.preload + flow.commands)
        common.say(f"played: {100 * share:.2f} % accepted, {played.trades:,} trades, as the flow has")
        for run in range(chosen.runs):
            shares.append(share_of_engine(folder))
            outcome = replayed(folder, "--engine", "core")
            core.append(outcome["commands"] / outcome["seconds"])
            common.say(f"core run {run + 1} of {chosen.runs}: {core[-1]:,.0f} commands/s, agrees {outcome['agrees']}")
            common.say(f"of the engine {shares[-1].clock:.2f} by clock, {shares[-1].processor:.2f} by processor time")
        outcome = replayed(folder, "--engine", "spec", "--from-checkpoints", "--jobs", str(jobs))
        spec.append(outcome["commands"] / outcome["seconds"])
        common.say(f"spec over checkpoints, {jobs} processes: {spec[-1]:,.0f} commands/s, agrees {outcome['agrees']}")
    facts = {
        "spec_parallel_per_s": round(spec[0]),
        "jobs": jobs,
        "checkpoints": chosen.checkpoints,
        "agrees": outcome["agrees"],
        "accepted_share": round(share, 6),
        "trades": played.trades,
        "share_of_engine": round(common.median([share.clock for share in shares]), 3),
        "share_of_engine_processor": round(common.median([share.processor for share in shares]), 3),
    }
    common.finish(chosen, "replay", round(common.median(core)), "commands/s", **facts, commands=outcome["commands"])


if __name__ == "__main__":
    main()
