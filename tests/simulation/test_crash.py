"""The writer is killed again and again: every acknowledged command is there, nothing half-written is, digests agree.

TARAZY_CRASH_KILLS sets how many kills each engine gets, TARAZY_CRASH_SEED the seed; both are in every failure.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from tarazy.domain.records import RECORD_SIZE
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.create import create_facility
from tarazy.journal.reader import JournalReader
from tarazy.journal.replay import replay
from tarazy.journal.verify import verify

from .crash_flow import batch
from .crash_writer import ENGINES

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("TARAZY_CRASH_KILLS", "120"))
SEED = int(os.environ.get("TARAZY_CRASH_SEED", "1"))
LIVES_PER_FOLDER = 15
SEGMENT_BYTES = 512 << 10
RUN_S_MAX = 0.1
START_S_MAX = 0.01


class Acknowledged(NamedTuple):
    """Commands that a client was told are durable, without their times, and the sequence number of the first."""

    seq: int
    commands: bytes


class Writers:
    """The process that forks the writers."""

    def __init__(self) -> None:
        path = os.pathsep.join([str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", "")])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.simulation.crash_writer"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def line(self) -> str:
        """Return the next line that a writer says."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process that forks the writers is gone"
        return line.rstrip("\n")

    def kill_one(self, engine: str, directory: Path, number: int, chance: random.Random) -> list[Acknowledged]:
        """Start a writer, kill it after a while, and return what it had acknowledged."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{engine}\t{directory}\t{number}\t{chance.randrange(1 << 30)}\n")
        self._process.stdin.flush()
        word, pid = self.line().split()
        assert word == "pid"
        kills_start = chance.random() < 0.15
        if not kills_start:
            line = self.line()
            assert line == "open", line
        time.sleep(chance.random() * (START_S_MAX if kills_start else RUN_S_MAX))
        os.kill(int(pid), signal.SIGKILL)
        return self._acknowledged()

    def _acknowledged(self) -> list[Acknowledged]:
        """Read what the writer said until it was gone."""
        acknowledged = []
        while not (line := self.line()).startswith("exit"):
            word, *rest = line.split()
            assert word in ("ack", "open"), line
            if word == "ack":
                seq, count, number = map(int, rest)
                acknowledged.append(Acknowledged(seq, batch(number, count)))
        assert line == f"exit {int(signal.SIGKILL)}"
        return acknowledged

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


@pytest.fixture(scope="module")
def writers() -> Iterator[Writers]:
    """Return the process that forks writers, with everything imported."""
    found = Writers()
    yield found
    found.close()


def without_times(commands: bytes) -> bytes:
    """Return commands with zeros for their times, which the sequencer sets."""
    words = np.frombuffer(commands, "<u8").reshape(-1, RECORD_SIZE // 8).copy()
    words[:, 1] = 0
    return words.tobytes()


def check(directory: Path, engine: str, acknowledged: list[Acknowledged]) -> int:
    """Restart the facility and check it against what clients were told; return how many torn frames were cut."""
    with Sequencer.open(directory, ENGINES[engine]) as sequencer:
        torn = sequencer.recovery.torn is not None
        digest = sequencer.engine.state_digest()
    report = verify(directory)
    assert report.ok, report.damage
    written = without_times(b"".join(frame.payload for frame in JournalReader(directory) if frame.header.command_count))
    for each in acknowledged:
        start = (each.seq - 1) * RECORD_SIZE
        assert written[start : start + len(each.commands)] == each.commands, f"command {each.seq} was acknowledged"
    replayed = replay(directory, ENGINES[engine]())
    assert replayed.agrees, replayed.divergence
    assert replayed.digest == digest
    return torn


def run_folder(writers: Writers, engine: str, directory: Path, kills: int, chance: random.Random) -> tuple[int, int]:
    """Kill the writers of one folder one after the other; return acknowledged commands and torn frames."""
    create_facility(directory, "Crash test", edition=1, segment_bytes=SEGMENT_BYTES)
    number, torn = 0, 0
    acknowledged: list[Acknowledged] = []
    for _ in range(kills):
        acknowledged += writers.kill_one(engine, directory, number, chance)
        number += 1_000_000
        torn += check(directory, engine, acknowledged)
    return sum(len(each.commands) // RECORD_SIZE for each in acknowledged), torn


@pytest.mark.slow
@pytest.mark.parametrize("engine", list(ENGINES))
def test_killed_writer_loses_nothing_that_was_acknowledged(writers: Writers, tmp_path: Path, engine: str) -> None:
    chance = random.Random(f"{SEED} {engine}")
    total = torn = 0
    for folder, first in enumerate(range(0, KILLS, LIVES_PER_FOLDER)):
        directory = tmp_path / str(folder)
        print(f"seed {SEED}, engine {engine}, journal {directory}")
        count, cut = run_folder(writers, engine, directory, min(LIVES_PER_FOLDER, KILLS - first), chance)
        total, torn = total + count, torn + cut
    print(f"{engine}: {KILLS} kills, {total} commands acknowledged, {torn} torn frames cut")
    assert total > KILLS * 20, "too little was acknowledged for this test to show anything"
