"""Checkpoints beside the running writer: marked, worked on by a child, signed late; what befalls the child is told."""

from __future__ import annotations

import errno
import os
import signal
import threading
from hashlib import sha256
from pathlib import Path

import pytest

from tarazy.domain.engine import Engine, InvariantBroken
from tarazy.domain.records import RECORD_SIZE, EventKind
from tarazy.facility.sequencer.errors import (
    CheckpointFailedError,
    CheckpointPendingError,
    CheckpointRefusedError,
    SequencerStoppedError,
)
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.frame import FrameKind
from tarazy.journal.identity import load_identity
from tarazy.journal.merkle import Frontier
from tarazy.journal.replay import replay
from tarazy.journal.snapshots import read_snapshot, snapshot_seqs
from tarazy.journal.verify import verify
from tests.simulation.tally_engine import TallyEngine
from tests.unit.journal.building import commands, create, frames_of, open_sequencer


class HeldEngine(TallyEngine):
    """An engine whose audit waits until a file is there; the child sees the file that the test makes."""

    gate = Path("/nonexistent")

    def audit(self) -> None:
        """Wait for the file, in the child alone."""
        while not self.gate.exists():
            threading.Event().wait(0.002)


class BrokenEngine(TallyEngine):
    """An engine whose audit finds something."""

    def audit(self) -> None:
        """Find a total that is wrong."""
        raise InvariantBroken("CONSERVE", 7, "asset 1: totals 3, accounts add up to 4")


class DyingEngine(TallyEngine):
    """An engine in whose audit the process is killed, but for the replays of the test itself."""

    parent = os.getpid()

    def audit(self) -> None:
        """Die, unless this is the test's own process."""
        if os.getpid() != self.parent:
            os.kill(os.getpid(), signal.SIGKILL)


class RefusingEngine(TallyEngine):
    """An engine that refuses everything."""

    def apply(self, commands: bytes) -> bytes:
        """Turn every event into a refusal."""
        events = bytearray(super().apply(commands))
        for start in range(0, len(events), RECORD_SIZE):
            events[start] = EventKind.command_rejected
        return bytes(events)


@pytest.fixture
def held(tmp_path: Path) -> type[HeldEngine]:
    """Return an engine whose children wait for `tmp_path / "gate"`."""
    create(tmp_path, segment_bytes=1 << 20)
    HeldEngine.gate = tmp_path / "gate"
    return HeldEngine


def let_go(directory: Path) -> None:
    """Let the children of the held engine go on."""
    (directory / "gate").touch()


def test_commands_go_on_while_the_checkpoint_is_made_and_its_statement_comes_late(
    tmp_path: Path, held: type[HeldEngine]
) -> None:
    with open_sequencer(tmp_path, engine_type=held) as sequencer:
        sequencer.execute(commands(5))
        done = sequencer.start_checkpoint()
        sequencer.execute(commands(4, 5))
        state_then = sha256(TallyEngineAt(tmp_path, 6).snapshot()).digest()
        for number in range(5):
            sequencer.execute(commands(10, 9 + 10 * number))
        assert not done.done()
        let_go(tmp_path)
        statement = done.result(10)
        sequencer.execute(commands(1))
    assert statement.seq == 6
    assert statement.state_digest == state_then
    frames = frames_of(tmp_path)
    (place,) = [frame.header.frame_number for frame in frames if frame.header.kind == FrameKind.statement]
    assert statement.frame_number == 2
    assert place == 9, "the statement stands behind what was written while it was made"
    tree = Frontier()
    for frame in frames[: statement.tree_size]:
        tree.append(frame.frame_hash)
    assert (statement.tree_size, statement.tree_root) == (2, tree.root())
    assert verify(tmp_path).ok
    assert replay(tmp_path, TallyEngine()).agrees


def TallyEngineAt(directory: Path, seq: int) -> TallyEngine:  # noqa: N802 - it makes one
    """Return the tally just after a command, computed from the journal's frames."""
    engine = TallyEngine()
    for frame in frames_of(directory):
        if engine.next_seq <= seq:
            engine.apply(frame.commands)
    return engine


def test_start_goes_on_behind_the_mark_and_replays_what_came_before_the_statement(
    tmp_path: Path, held: type[HeldEngine]
) -> None:
    with open_sequencer(tmp_path, engine_type=held) as sequencer:
        sequencer.execute(commands(5))
        done = sequencer.start_checkpoint()
        sequencer.execute(commands(4, 5))
        let_go(tmp_path)
        done.result(10)
        sequencer.execute(commands(2, 9))
        digest = sequencer.engine.state_digest()
    with open_sequencer(tmp_path) as sequencer:
        assert (sequencer.recovery.snapshot_seq, sequencer.recovery.commands) == (6, 6)
        assert sequencer.engine.state_digest() == digest


def test_second_checkpoint_waits_or_is_told_that_one_is_under_way(tmp_path: Path, held: type[HeldEngine]) -> None:
    with open_sequencer(tmp_path, engine_type=held) as sequencer:
        first = sequencer.start_checkpoint()
        with pytest.raises(CheckpointPendingError, match="expected no checkpoint under way"):
            sequencer.start_checkpoint()
        with pytest.raises(CheckpointPendingError):
            sequencer.checkpoint(wait=False)
        second: list[int] = []
        thread = threading.Thread(target=lambda: second.append(sequencer.checkpoint().seq))
        thread.start()
        thread.join(0.05)
        assert thread.is_alive()
        let_go(tmp_path)
        thread.join(10)
        assert (first.result(0).seq, second) == (1, [2])
    assert snapshot_seqs(tmp_path) == [1, 2]


def test_close_waits_for_the_checkpoint_under_way(tmp_path: Path, held: type[HeldEngine]) -> None:
    sequencer = open_sequencer(tmp_path, engine_type=held)
    sequencer.execute(commands(5))
    done = sequencer.start_checkpoint()
    threading.Timer(0.05, lambda: let_go(tmp_path)).start()
    sequencer.close()
    assert done.result(0).seq == 6
    assert snapshot_seqs(tmp_path) == [6]
    assert [frame.header.kind for frame in frames_of(tmp_path)] == [1, 1, 2, 3]


def test_child_that_dies_only_makes_the_checkpoint_fail(tmp_path: Path) -> None:
    with open_sequencer(create(tmp_path), engine_type=DyingEngine) as sequencer:
        sequencer.execute(commands(3))
        for _ in range(2):
            with pytest.raises(CheckpointFailedError, match="by signal SIGKILL"):
                sequencer.checkpoint()
        sequencer.execute(commands(3))
        assert sequencer.failure is None
    report = verify(tmp_path)
    assert (report.ok, report.statements, report.commands) == (True, 0, 8)
    assert list((tmp_path / "snapshots").iterdir()) == []
    assert replay(tmp_path, TallyEngine()).agrees, "a mark without a statement is legal"


def test_child_that_hangs_is_ended_and_the_next_checkpoint_works(tmp_path: Path, held: type[HeldEngine]) -> None:
    with open_sequencer(tmp_path, engine_type=held, checkpoint_timeout_s=1) as sequencer:
        with pytest.raises(CheckpointFailedError):
            sequencer.checkpoint()
        let_go(tmp_path)
        assert sequencer.checkpoint().seq == 2


def test_invariant_that_the_child_finds_broken_stops_the_writer(tmp_path: Path) -> None:
    with open_sequencer(create(tmp_path), engine_type=BrokenEngine) as sequencer:
        sequencer.execute(commands(3))
        with pytest.raises(SequencerStoppedError, match="invariant CONSERVE broke at sequence number 7"):
            sequencer.checkpoint()
        with pytest.raises(SequencerStoppedError, match="CONSERVE"):
            sequencer.execute(commands(1))
        assert isinstance(sequencer.failure, InvariantBroken)
    assert verify(tmp_path).statements == 0
    assert list((tmp_path / "snapshots").iterdir()) == []


def test_machine_that_cannot_fork_refuses_the_checkpoint_and_keeps_the_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused() -> int:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

    with open_sequencer(create(tmp_path)) as sequencer:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fork", refused)
            with pytest.raises(CheckpointFailedError, match="Cannot allocate memory, errno 12"):
                sequencer.checkpoint()
        sequencer.execute(commands(2))
        assert sequencer.checkpoint().seq == 4
    assert verify(tmp_path).ok


def children() -> set[int]:
    """Return the process numbers of this process's children."""
    return {int(n) for task in Path("/proc/self/task").iterdir() for n in (task / "children").read_text().split()}


def test_writer_that_stops_ends_the_child_at_once(tmp_path: Path, held: type[HeldEngine]) -> None:
    before = children()
    sequencer = open_sequencer(tmp_path, engine_type=held)
    sequencer.execute(commands(1))
    done = sequencer.start_checkpoint()
    sequencer.execute(commands(1))
    sequencer.stop(RuntimeError("on purpose"))
    assert done.exception(10) is not None
    sequencer.close()
    assert list((tmp_path / "snapshots").iterdir()) == []
    assert children() <= before


def test_refused_mark_signs_nothing(tmp_path: Path) -> None:
    with open_sequencer(create(tmp_path), engine_type=RefusingEngine) as sequencer:
        with pytest.raises(CheckpointRefusedError, match="found a refusal"):
            sequencer.checkpoint()
        sequencer.execute(commands(1))
    assert verify(tmp_path).statements == 0


def test_checkpoint_of_a_stopped_or_closed_writer_is_told_and_blocks_nobody(tmp_path: Path) -> None:
    sequencer = open_sequencer(create(tmp_path))
    sequencer.close()
    for _ in range(2):
        with pytest.raises(SequencerStoppedError, match="closed"):
            sequencer.checkpoint()


def test_snapshot_of_both_engines_proves_itself_and_the_report_says_what_it_cost(
    tmp_path: Path, engine: type[Engine]
) -> None:
    create(tmp_path)
    with Sequencer.open(tmp_path, engine, keep_timestamps=True) as sequencer:
        sequencer.execute(commands(20))
        statement = sequencer.checkpoint()
        report = sequencer.last_checkpoint
    snapshot = read_snapshot(tmp_path, 21, {load_identity(tmp_path).public_key})
    assert snapshot.statement == statement
    assert engine.restore(snapshot.state).next_seq == 22
    assert report is not None
    assert (report.seq, report.state_bytes) == (21, len(snapshot.state))
    assert report.fork_ns > 0
