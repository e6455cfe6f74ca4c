"""The frozen state: a forked child says what the state was, and whatever befalls it is told apart."""

from __future__ import annotations

import errno
import os
import signal
import threading
import time
from hashlib import sha256
from pathlib import Path

import pytest

from tarazy.domain.engine import Engine, InvariantBroken
from tarazy.facility.sequencer.errors import CheckpointFailedError
from tarazy.facility.sequencer.freeze import Freeze, freeze
from tests.conformance.generator import random_commands
from tests.simulation.tally_engine import TallyEngine


class BrokenEngine(TallyEngine):
    """An engine whose audit finds something."""

    def audit(self) -> None:
        """Find a total that is wrong."""
        raise InvariantBroken("CONSERVE", 7, "asset 1: totals 3, accounts add up to 4")


class DyingEngine(TallyEngine):
    """An engine in whose audit the process is killed, as it is where memory runs out."""

    def audit(self) -> None:
        """Die."""
        os.kill(os.getpid(), signal.SIGKILL)


class HangingEngine(TallyEngine):
    """An engine whose audit never ends."""

    def audit(self) -> None:
        """Wait for ever."""
        threading.Event().wait()


class RaisingEngine(TallyEngine):
    """An engine whose snapshot fails."""

    def snapshot(self) -> bytes:
        """Fail."""
        raise MemoryError("no room for the bytes")


def of(path: Path, **changes: int) -> Freeze:
    """Return what is asked of a child."""
    return Freeze(path / "state.new", **changes)


def assert_gone(pid: int) -> None:
    """Check that a child was waited for."""
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def test_child_says_what_the_state_was_while_the_engine_goes_on(tmp_path: Path, engine: type[Engine]) -> None:
    flow = random_commands(3, 4_000)
    half = len(flow) // 2 // 96 * 96
    venue = engine()
    venue.apply(flow[:half])
    state, root = venue.snapshot(), venue.liabilities_root()
    child = freeze(venue, of(tmp_path))
    venue.apply(flow[half:])
    child.write_at(400)
    found = child.result()
    assert venue.snapshot() != state
    assert (found.state_digest, found.liabilities_root) == (sha256(state).digest(), root)
    assert (tmp_path / "state.new").read_bytes() == bytes(400) + state
    assert found.state_bytes == len(state)
    assert list(found.seconds) == ["audit", "liabilities_root", "snapshot", "write"]
    assert_gone(child.pid)


def test_invariant_that_the_child_finds_broken_arrives_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(InvariantBroken, match="invariant CONSERVE broke at sequence number 7: asset 1: totals 3"):
        freeze(BrokenEngine(), of(tmp_path)).result()


def test_child_that_dies_only_makes_the_checkpoint_fail(tmp_path: Path) -> None:
    child = freeze(DyingEngine(), of(tmp_path))
    with pytest.raises(CheckpointFailedError, match="found its end, by signal SIGKILL"):
        child.result()
    assert_gone(child.pid)


def test_child_that_hangs_is_ended_at_its_time_limit(tmp_path: Path) -> None:
    child = freeze(HangingEngine(), of(tmp_path, timeout_s=1))
    started = time.monotonic()
    with pytest.raises(CheckpointFailedError):
        child.result()
    assert time.monotonic() - started < 5
    assert_gone(child.pid)


def test_error_in_the_child_is_told_in_its_words(tmp_path: Path) -> None:
    with pytest.raises(CheckpointFailedError, match="MemoryError: no room for the bytes"):
        freeze(RaisingEngine(), of(tmp_path)).result()


def test_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    child = freeze(TallyEngine(), of(tmp_path / "nowhere"))
    child.write_at(0)
    with pytest.raises(CheckpointFailedError, match=r"FileNotFoundError: .*nowhere"):
        child.result()


def test_link_in_the_snapshots_place_is_replaced_and_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    (tmp_path / "state.new").symlink_to(victim)
    child = freeze(TallyEngine(), of(tmp_path))
    child.write_at(0)
    child.result()
    assert victim.read_text() == "untouched"
    assert not (tmp_path / "state.new").is_symlink()


def test_child_that_nobody_wants_ends_and_leaves_no_file(tmp_path: Path) -> None:
    child = freeze(TallyEngine(), of(tmp_path))
    child.end()
    assert_gone(child.pid)
    assert not (tmp_path / "state.new").exists()


def test_child_whose_writer_is_gone_ends_too(tmp_path: Path) -> None:
    """The pipes break when the writer dies; the child must not wait for ever, nor write."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        child = freeze(TallyEngine(), of(tmp_path))
        os.write(writer, child.pid.to_bytes(4, "little"))
        os._exit(0)
    os.waitpid(pid, 0)
    orphan = int.from_bytes(os.read(reader, 4), "little")
    deadline = time.monotonic() + 5
    while Path(f"/proc/{orphan}/stat").exists() and time.monotonic() < deadline:
        if Path(f"/proc/{orphan}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            break  # ended, and the container's first process does not wait for orphans
        time.sleep(0.005)
    else:
        assert not Path(f"/proc/{orphan}").exists()
    assert not (tmp_path / "state.new").exists()


@pytest.mark.parametrize("number", [errno.ENOMEM, errno.EAGAIN])
def test_fork_that_the_machine_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refused() -> int:
        raise OSError(number, os.strerror(number))

    before = len(os.listdir("/proc/self/fd"))
    monkeypatch.setattr(os, "fork", refused)
    with pytest.raises(CheckpointFailedError, match=f"errno {number}"):
        freeze(TallyEngine(), of(tmp_path))
    assert len(os.listdir("/proc/self/fd")) == before


def test_child_holds_no_file_of_the_writer(tmp_path: Path) -> None:
    """A lock that a child kept would keep the next writer out after a crash of this one."""
    held = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    child = freeze(HangingEngine(), of(tmp_path, timeout_s=30))
    deadline = time.monotonic() + 5
    while len(found := os.listdir(f"/proc/{child.pid}/fd")) > 5 and time.monotonic() < deadline:
        time.sleep(0.005)
    names = [os.readlink(f"/proc/{child.pid}/fd/{fd}") for fd in found if int(fd) > 2]
    os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(CheckpointFailedError):
        child.result()
    os.close(held)
    assert len(names) == 2
    assert all(name.startswith("pipe:") for name in names)


def test_child_gives_way_to_the_writer(tmp_path: Path) -> None:
    child = freeze(HangingEngine(), of(tmp_path, timeout_s=30))
    deadline = time.monotonic() + 5
    while os.getpriority(os.PRIO_PROCESS, child.pid) < 10 and time.monotonic() < deadline:
        time.sleep(0.005)
    niceness = os.getpriority(os.PRIO_PROCESS, child.pid)
    os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(CheckpointFailedError):
        child.result()
    assert niceness == 10


def test_state_is_written_no_faster_than_allowed(tmp_path: Path) -> None:
    class LargeEngine(TallyEngine):
        def snapshot(self) -> bytes:
            return bytes(range(256)) * (12 << 12)

    child = freeze(LargeEngine(), of(tmp_path, write_bytes_per_s=32 << 20))
    child.write_at(0)
    found = child.result()
    assert found.state_bytes == 12 << 20
    assert found.seconds["write"] >= 11 / 32
    assert (tmp_path / "state.new").read_bytes() == LargeEngine().snapshot()
