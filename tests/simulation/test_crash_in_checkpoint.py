"""A writer is killed at every file operation of a life with two checkpoints and a head, one life after the other."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.records import EDITION, RECORD_SIZE
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.create import create_facility
from tarazy.journal.files import Files
from tarazy.journal.frame import FrameKind
from tarazy.journal.identity import load_identity
from tarazy.journal.reader import JournalReader
from tarazy.journal.replay import replay
from tarazy.journal.snapshots import read_snapshot, snapshot_seqs
from tarazy.journal.statement import Statement
from tarazy.journal.verify import verify

from .crash_flow import batch
from .crash_writer import ENGINES


class KillingFiles(Files):
    """Files whose n-th operation is the process's last; half of the time it is done before."""

    def __init__(self, kill_at: int, *, is_done_first: bool) -> None:
        self._left, self._is_done_first = kill_at, is_done_first

    def _step(self, is_before: bool) -> None:
        """Count an operation, and die where its time has come."""
        if is_before:
            self._left -= 1
        if self._left == 0 and is_before != self._is_done_first:
            os.kill(os.getpid(), signal.SIGKILL)

    def write(self, fd: int, path: Path, buffers: Sequence[bytes | memoryview], offset: int) -> None:
        """Write, unless killed."""
        self._step(True)
        super().write(fd, path, buffers, offset)
        self._step(False)

    def sync(self, fd: int, path: Path) -> None:
        """Sync, unless killed."""
        self._step(True)
        super().sync(fd, path)
        self._step(False)

    def rename(self, source: Path, target: Path) -> None:
        """Rename, unless killed."""
        self._step(True)
        super().rename(source, target)
        self._step(False)

    def sync_folder(self, path: Path) -> None:
        """Sync a folder, unless killed."""
        self._step(True)
        super().sync_folder(path)
        self._step(False)


def live(directory: Path, engine: type[Engine], files: Files, first: int, told: int) -> None:
    """Write commands and checkpoints and say what was acknowledged, one line each."""
    sequencer = Sequencer.open(directory, engine, files=files, snapshots_keep=2)
    for step in range(2):
        receipt = sequencer.submit(batch(first + 100 * step, 20)).result()
        os.write(told, f"commands {receipt.first_seq} {first + 100 * step}\n".encode())
        os.write(told, f"statement {sequencer.checkpoint().seq}\n".encode())
        receipt = sequencer.submit(batch(first + 100 * step + 50, 3)).result()
        os.write(told, f"commands {receipt.first_seq} {first + 100 * step + 50}\n".encode())
    sequencer.close()


def run_life(directory: Path, engine: type[Engine], files: Files, first: int) -> tuple[bool, list[list[str]]]:
    """Run a life in a process of its own; return whether it was killed, and what it had said."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            live(directory, engine, files, first, writer)
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as lines:
        said = [line.split() for line in lines]
    _, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status), said


def without_times(commands: bytes) -> bytes:
    """Return commands with zeros for their times."""
    records = (commands[at : at + RECORD_SIZE] for at in range(0, len(commands), RECORD_SIZE))
    return b"".join(record[:8] + bytes(8) + record[16:] for record in records)


def check(directory: Path, engine: type[Engine], said: list[list[str]]) -> None:
    """Restart, and check everything that was ever said, the snapshots, and the replay."""
    with Sequencer.open(directory, engine, snapshots_keep=2) as sequencer:
        digest = sequencer.engine.state_digest()
    assert verify(directory).ok
    frames = list(JournalReader(directory))
    written = without_times(b"".join(frame.commands for frame in frames if frame.header.command_count))
    statements = {Statement.unpack(f.commands).seq for f in frames if f.header.kind == FrameKind.statement}
    for word, seq, *number in said:
        if word == "statement":
            assert int(seq) in statements
            continue
        expected = without_times(batch(int(number[0]), 3 if int(number[0]) % 100 else 20))
        start = (int(seq) - 1) * RECORD_SIZE
        assert written[start : start + len(expected)] == expected
    public_key = load_identity(directory).public_key
    assert len(snapshot_seqs(directory)) <= 3, "one more than is kept may be left by a crash before the old one goes"
    for seq in snapshot_seqs(directory):
        assert read_snapshot(directory, seq, {public_key}).statement.seq in statements
    assert list((directory / "snapshots").glob("*.new")) == []
    machine = engine()
    assert replay(directory, machine).agrees
    assert machine.state_digest() == digest


@pytest.mark.slow
@pytest.mark.parametrize("is_done_first", [False, True])
@pytest.mark.parametrize("name", ["tally", "core"])
def test_killed_at_every_file_operation_of_a_life_nothing_acknowledged_is_lost(
    tmp_path: Path, name: str, is_done_first: bool
) -> None:
    if name not in ENGINES:
        pytest.skip("the core is not built here")
    directory, engine = tmp_path / "facility", ENGINES[name]
    create_facility(directory, "Crash test", edition=EDITION, segment_bytes=256 << 10)
    said: list[list[str]] = []
    for life in range(1, 200):
        was_killed, told = run_life(directory, engine, KillingFiles(life, is_done_first=is_done_first), life * 1_000)
        said += told
        check(directory, engine, said)
        if not was_killed:
            break
    assert 20 < life < 199, "a life has more than twenty operations, and one of them is the last"
