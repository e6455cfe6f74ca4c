"""replay: a journal of the neutral flow, by the core and, over checkpoints in parallel processes, by the spec."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import common
import workload
from durable import open_sequencer

from tarazy.domain.records import RECORD_SIZE


def write_journal(folder: Path, flow: workload.Workload, checkpoints: int) -> None:
    """Play the flow into a new journal with checkpoints at even distances."""
    with open_sequencer(folder) as sequencer:
        for commands in (flow.setup, flow.preload):
            sequencer.submit(commands).result()
        count = len(flow.commands) // RECORD_SIZE
        step = -(-count // checkpoints) * RECORD_SIZE
        for at in range(0, len(flow.commands), step):
            sequencer.submit(flow.commands[at : at + step]).result()
            sequencer.checkpoint()


def replay(folder: Path, *options: str) -> dict[str, Any]:
    """Run `tarazy replay` and return its JSON object."""
    command = [sys.executable, "-m", "tarazy.cli.main", "replay", str(folder), "--json", *options]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        raise SystemExit(f"replay {' '.join(options)} failed: {run.stderr[-2000:]}{run.stdout[-2000:]}")
    return dict(json.loads(run.stdout.splitlines()[-1]))


def main() -> None:
    """Run the bench."""
    made = common.parser(__doc__ or "")
    made.add_argument("--count", type=int, default=1_000_000)
    made.add_argument("--checkpoints", type=int, default=16)
    chosen = made.parse_args()
    flow = workload.single_market(None, count=chosen.count)
    jobs, core, spec = os.cpu_count() or 1, [], []
    with common.scratch() as parent:
        folder = parent / "facility"
        write_journal(folder, flow, chosen.checkpoints)
        for run in range(chosen.runs):
            outcome = replay(folder, "--engine", "core")
            core.append(outcome["commands"] / outcome["seconds"])
            common.say(f"core run {run + 1} of {chosen.runs}: {core[-1]:,.0f} commands/s, agrees {outcome['agrees']}")
        outcome = replay(folder, "--engine", "spec", "--from-checkpoints", "--jobs", str(jobs))
        spec.append(outcome["commands"] / outcome["seconds"])
        common.say(f"spec over checkpoints, {jobs} processes: {spec[-1]:,.0f} commands/s, agrees {outcome['agrees']}")
    facts = {
        "spec_parallel_per_s": round(spec[0]),
        "jobs": jobs,
        "checkpoints": chosen.checkpoints,
        "agrees": outcome["agrees"],
    }
    common.finish(chosen, "replay", round(common.median(core)), "commands/s", **facts, commands=outcome["commands"])


if __name__ == "__main__":
    main()
