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

from tarazy.domain.instructions import instructions_in
from tarazy.domain.records import RECORD_SIZE
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.frame import Frame, FrameKind
from tarazy.journal.identity import load_identity
from tarazy.journal.merkle import Frontier
from tarazy.journal.note import open_head, verifier_key
from tarazy.journal.reader import JournalReader
from tarazy.journal.replay import replay
from tarazy.journal.sections import decode_references
from tarazy.journal.statement import Statement
from tarazy.journal.verify import verify

from .crash_flow import batch, found, further_account, text_of
from .crash_writer import ENGINES

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("TARAZY_CRASH_KILLS", "120"))
SEED = int(os.environ.get("TARAZY_CRASH_SEED", "1"))
LIVES_PER_FOLDER = 15
SEGMENT_BYTES = 512 << 10
RUN_S_MAX = 0.3
START_S_MAX = 0.01


class Acknowledged(NamedTuple):
    """Commands that a client was told are durable, without their times, and the sequence number of the first.

    `text` is the client's for a single order that has one; `is_signed` says that the first is an instruction.
    """

    seq: int
    commands: bytes
    text: str = ""
    is_signed: bool = False


class Life(NamedTuple):
    """What one writer had acknowledged when it was killed: commands, and the marks of its signed statements."""

    acknowledged: list[Acknowledged]
    statements: list[int]


def acknowledgement(word: str, numbers: list[int]) -> Acknowledged:
    """Read what a writer says about commands."""
    if word == "ack":
        seq, count, number = numbers
        return Acknowledged(seq, batch(number, count))
    seq, number = numbers
    if word == "named":
        return Acknowledged(seq, batch(number, 1), text=text_of(number))
    accounts = b"".join(further_account(number + more).pack() for more in range(2))
    return Acknowledged(seq + 1, accounts, is_signed=True)


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

    def kill_one(self, engine: str, directory: Path, number: int, chance: random.Random) -> Life:
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

    def _acknowledged(self) -> Life:
        """Read what the writer said until it was gone."""
        life = Life([], [])
        while not (line := self.line()).startswith("exit"):
            word, *rest = line.split()
            assert word in ("ack", "named", "signed", "statement", "open"), line
            if word == "statement":
                life.statements.append(int(rest[0]))
            elif word != "open":
                life.acknowledged.append(acknowledgement(word, [int(number) for number in rest]))
        assert line == f"exit {int(signal.SIGKILL)}"
        return life

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


def check(directory: Path, engine: str, told: Life) -> int:
    """Restart the facility and check it against what clients were told; return how many torn frames were cut."""
    with Sequencer.open(directory, ENGINES[engine]) as sequencer:
        torn = sequencer.recovery.torn is not None
        digest = sequencer.engine.state_digest()
    report = verify(directory)
    assert report.ok, report.damage
    frames = list(JournalReader(directory))
    check_commands(frames, told.acknowledged)
    check_signed_frames(directory, frames, told.statements)
    replayed = replay(directory, ENGINES[engine]())
    assert replayed.agrees, replayed.divergence
    assert replayed.digest == digest
    return torn


def check_commands(frames: list[Frame], acknowledged: list[Acknowledged]) -> None:
    """Check that what was acknowledged is there, with texts and signatures."""
    written = without_times(b"".join(frame.commands for frame in frames if frame.header.command_count))
    texts = {
        frame.header.first_seq + reference.command_index: reference.text
        for frame in frames
        for reference in decode_references(frame.references, frame.header.command_count)
    }
    starts = {frame.header.first_seq: frame for frame in frames if frame.header.command_count}
    signed = {first + index for first, frame in starts.items() for index in signed_places(frame)}
    for each in acknowledged:
        start = (each.seq - 1) * RECORD_SIZE
        assert written[start : start + len(each.commands)] == each.commands, f"command {each.seq} was acknowledged"
        assert texts.get(each.seq, "") == each.text, f"command {each.seq}"
        assert not each.is_signed or each.seq - 1 in signed, f"command {each.seq} was signed"


def signed_places(frame: Frame) -> list[int]:
    """Return the places of the instructions of a frame, each of which has its entry and its commands there."""
    return [index for index, _ in instructions_in(frame.commands, frame.instructions)]


def check_signed_frames(directory: Path, frames: list[Frame], acknowledged: list[int]) -> None:
    """Check heads and statements against the frames that they speak of; every acknowledged statement is there."""
    identity = load_identity(directory)
    tree, heads, statements = Frontier(), 0, set()
    for frame in frames:
        if frame.header.kind == FrameKind.head:
            head = open_head(frame.commands, verifier_key(identity.facility_id, identity.public_key))
            assert (head.size, head.root) == (tree.size, tree.root()), f"frame {frame.header.frame_number}"
            heads += 1
        elif frame.header.kind == FrameKind.statement:
            statement = Statement.unpack(frame.commands)
            assert statement.is_signed_by(identity.public_key)
            assert statement.frame_number < frame.header.frame_number
            assert frames[statement.frame_number - 1].frame_hash == statement.frame_hash
            statements.add(statement.seq)
        tree.append(frame.frame_hash)
    assert set(acknowledged) <= statements
    assert not frames or (frames[-1].header.kind == FrameKind.head and heads), "the close signs what is unsigned"


def run_folder(writers: Writers, engine: str, directory: Path, kills: int, chance: random.Random) -> tuple[int, int]:
    """Kill the writers of one folder one after the other; return acknowledged commands and torn frames."""
    found(directory, SEGMENT_BYTES, has_officers=engine != "tally")
    number, torn, terms = 0, 0, []
    told = Life([], [])
    for _ in range(kills):
        life = writers.kill_one(engine, directory, number, chance)
        told.acknowledged.extend(life.acknowledged)
        told.statements.extend(life.statements)
        number += 1_000_000
        torn += check(directory, engine, told)
        terms.append(max((frame.header.writer_term for frame in JournalReader(directory)), default=0))
    assert terms == sorted(terms)
    print(f"{len(told.statements)} checkpoints, terms up to {terms[-1]}")
    return sum(len(each.commands) // RECORD_SIZE for each in told.acknowledged), torn


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
