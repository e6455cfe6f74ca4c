"""A reader in one process beside writers in another that are killed again and again: every frame once, none too early.

TARAZY_FOLLOW_KILLS sets how many writers are killed, TARAZY_CRASH_SEED the seed.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tarazy.journal.durable_position import PositionReader
from tarazy.journal.events_rebuild import check_events
from tarazy.journal.identity import load_identity
from tarazy.journal.reader import JournalReader
from tests.unit.journal.published import Life, create

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("TARAZY_FOLLOW_KILLS", "12"))
SEED = int(os.environ.get("TARAZY_CRASH_SEED", "1"))


def start(part: str, directory: Path) -> subprocess.Popen[str]:
    """Start one of the two programs."""
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-m", "tests.simulation.follow_processes", part, str(directory)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def kill_one(directory: Path, chance: random.Random) -> None:
    """Start a writer and kill it after a while."""
    writer = start("writer", directory)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "open\n"
    time.sleep(chance.random() * 0.2)
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    with PositionReader(directory, load_identity(directory).facility_id) as positions:
        positions.read()
        assert not positions.writer_lives()


@pytest.mark.slow
def test_reader_beside_killed_writers_gets_every_frame_once_and_none_too_early(tmp_path: Path) -> None:
    directory, chance = tmp_path / "facility", random.Random(SEED)
    print(f"seed {SEED}, journal {directory}")
    create(directory)
    reader = start("reader", directory)
    for _ in range(KILLS):
        kill_one(directory, chance)
    life = Life(directory)  # the last one ends in good order
    life.write(3)
    life.close()
    said, _ = reader.communicate("end\n", timeout=60)
    assert reader.returncode == 0
    rows = [line.split() for line in said.splitlines()]
    frames = list(JournalReader(directory))
    assert [int(row[0]) for row in rows] == list(range(1, len(frames) + 1))
    assert [row[1] for row in rows] == [frame.frame_hash.hex() for frame in frames]
    assert [row[2] for row in rows] == [frame.header.events_digest.hex() for frame in frames]
    assert all(int(row[0]) <= int(row[3]) for row in rows)
    report = check_events(directory)
    assert report.damage is None
    assert report.frames == len(frames)
    assert len(frames) > KILLS * 5, "too little was written for this test to show anything"
