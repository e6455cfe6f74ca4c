"""The twins agree, byte for byte, on a million random commands that reach everything there is to reach.

TARAZY_SEED chooses the first episode (a new one each run otherwise, printed); TARAZY_COMMANDS how many commands are
played in all. Two processes share the episodes.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.venue import Venue

from ..conftest import ENGINES
from .coverage import missed
from .generator import random_commands
from .run import EPISODE, play

ROOT = Path(__file__).resolve().parents[2]
SEED = int(os.environ.get("TARAZY_SEED") or secrets.randbelow(1_000_000_000))
COMMANDS = int(os.environ.get("TARAZY_COMMANDS") or 1_000_000)
PROCESSES = 2
# Fewer commands than this need not reach everything.
ENOUGH = 20 * EPISODE


def play_in_processes(engine: str, commands: int) -> Counter[str]:
    """Play episodes in parallel processes and return what they reached; fail with the first report of a difference."""
    share = str(commands // PROCESSES)
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    running = []
    for number in range(PROCESSES):
        line = [sys.executable, "-m", "tests.conformance.run", "--seed", str(SEED + number), "--step", str(PROCESSES)]
        line += ["--commands", share, "--engine", engine]
        running.append(subprocess.Popen(line, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE))
    outputs = [process.communicate()[0] for process in running]
    seen: Counter[str] = Counter()
    for process, output in zip(running, outputs, strict=True):
        assert process.returncode == 0, f"TARAZY_SEED={SEED}\n{output}"
        seen.update(json.loads(output.splitlines()[-1]))
    return seen


@pytest.mark.slow
@pytest.mark.skipif(
    "core" not in ENGINES, reason="tarazy_core is not built; `make setup` builds it where cargo is there"
)
def test_twins_agree_on_a_million_random_commands_that_reach_everything() -> None:
    print(f"TARAZY_SEED={SEED} TARAZY_COMMANDS={COMMANDS}")
    seen = play_in_processes("core", COMMANDS)
    refused, trades = seen["event command_rejected"], seen["event trade_executed"]
    print(f"{seen['commands']} commands, {refused} refused, {trades} trades")
    assert seen["commands"] >= COMMANDS // PROCESSES * PROCESSES
    # What an episode refuses between a jump of its clock and the officers who sign it is no measure.
    stuck = seen[f"refusal {int(RejectCode.time_jumped)}"]
    assert (refused - stuck) * 2 < seen["commands"], "expected most commands to be accepted"
    if seen["commands"] >= ENOUGH:
        assert not missed(seen), f"TARAZY_SEED={SEED}: not reached"


@pytest.mark.parametrize("seed", range(8))
def test_spec_goes_on_alike_from_its_own_snapshots(seed: int) -> None:
    assert play((Venue, Venue), seed, 3_000)["commands"] >= 3_000


def test_same_seed_gives_same_commands() -> None:
    assert random_commands.__wrapped__(5, 500) == random_commands.__wrapped__(5, 500)
    assert random_commands(5, 500) != random_commands(12, 500)
