"""The machine below fails: nothing is released that is not durable, and the error says what to do."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from tarazy.domain.records import EDITION
from tarazy.facility.sequencer.errors import SequencerStoppedError
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.create import create_facility
from tarazy.journal.errors import DiskFullError, JournalError, ReadOnlyError, StorageError, WriteFailedError
from tarazy.journal.verify import verify
from tests.simulation.disk import FailingFiles
from tests.unit.journal.building import commands, create, open_sequencer


class Switch:
    """Fail one operation with one error once it is switched on."""

    def __init__(self, operation: str, number: int, suffix: str = "") -> None:
        self.operation, self.number, self.suffix = operation, number, suffix
        self.on = False

    def __call__(self, operation: str, path: Path) -> int:
        """Return the error number for an operation, 0 for none."""
        return self.number if self.on and operation == self.operation and str(path).endswith(self.suffix) else 0


def execute_until_stopped(sequencer: Sequencer, count: int) -> int:
    """Write batches until the writer stops; return how many commands were acknowledged."""
    acknowledged = 0
    with contextlib.suppress(SequencerStoppedError):
        while True:
            sequencer.execute(commands(count))
            acknowledged += count
    return acknowledged


def submitted(sequencer: Sequencer) -> Future[Any]:
    """Return what a submission comes to; where the writer has stopped already, the queue refuses at once."""
    try:
        return sequencer.submit(commands(2))
    except SequencerStoppedError as error:
        refused: Future[Any] = Future()
        refused.set_exception(error)
        return refused


@pytest.mark.parametrize("operation", ["write", "sync"])
@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, DiskFullError),
        (errno.EDQUOT, DiskFullError),
        (errno.EIO, WriteFailedError),
        (errno.EROFS, ReadOnlyError),
    ],
)
def test_failed_write_stops_the_writer_and_releases_nothing(
    tmp_path: Path, operation: str, number: int, kind: type[StorageError]
) -> None:
    switch = Switch(operation, number)
    files = FailingFiles(switch)
    with open_sequencer(create(tmp_path), files) as sequencer:
        sequencer.execute(commands(3))
        switch.on = True
        futures = [submitted(sequencer) for _ in range(5)]
        for future in futures:
            with pytest.raises(SequencerStoppedError) as caught:
                future.result()
            assert isinstance(caught.value.reason, kind)
        calls = len(files.calls)
        switch.on = False
        with pytest.raises(SequencerStoppedError, match=errno.errorcode[number]):
            sequencer.execute(commands(1))
        assert len(files.calls) == calls, "a failed write or sync is never tried again"
        assert (sequencer.released_seq, sequencer.log.durable_seq) == (3, 3)
        assert isinstance(sequencer.failure, kind)
    with open_sequencer(tmp_path) as sequencer:
        assert sequencer.engine.next_seq >= 4
    assert verify(tmp_path).ok


def test_failed_sync_of_a_direct_call_is_told_to_its_caller(tmp_path: Path) -> None:
    switch = Switch("sync", errno.EIO)
    with open_sequencer(create(tmp_path), FailingFiles(switch)) as sequencer:
        switch.on = True
        with pytest.raises(SequencerStoppedError, match="Check the device"):
            sequencer.execute(commands(1))


def test_no_room_for_the_next_segment_stops_at_its_start(tmp_path: Path) -> None:
    switch = Switch("allocate", errno.ENOSPC)
    with open_sequencer(create(tmp_path), FailingFiles(switch)) as sequencer:
        switch.on = True
        written = execute_until_stopped(sequencer, 5)
        assert isinstance(sequencer.failure, DiskFullError)
        assert "the disk is full: expected to allocate, found ENOSPC" in str(sequencer.failure)
    assert written > 10
    assert verify(tmp_path).commands == written
    assert not list(tmp_path.glob("segments/*.new"))
    with open_sequencer(tmp_path) as sequencer:
        sequencer.execute(commands(5))
    assert verify(tmp_path).segments == 2


def test_snapshot_without_room_is_told_and_the_writer_goes_on(tmp_path: Path) -> None:
    switch = Switch("write", errno.ENOSPC, suffix=".snap.new")
    with open_sequencer(create(tmp_path), FailingFiles(switch)) as sequencer:
        switch.on = True
        with pytest.raises(DiskFullError, match=r"\.snap\.new"):
            sequencer.checkpoint()
        switch.on = False
        sequencer.execute(commands(2))
        sequencer.checkpoint()
    report = verify(tmp_path)
    assert report.ok
    assert (report.statements, report.snapshots) == (2, 1)
    assert not list(tmp_path.glob("snapshots/*.new"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of one MiB; skip where that is not allowed."""
    path = tmp_path / "disk"
    path.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root; the injected errors above cover the same code")
    done = subprocess.run([mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", path], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {done.stderr.decode().strip()}")
    try:
        yield path
    finally:
        subprocess.run(["umount", path], check=True)


def test_disk_that_is_really_full_keeps_all_that_was_acknowledged(small_disk: Path) -> None:
    create(small_disk, segment_bytes=256 << 10)
    with open_sequencer(small_disk) as sequencer:
        acknowledged = execute_until_stopped(sequencer, 100)
        assert isinstance(sequencer.failure, DiskFullError)
    assert verify(small_disk).commands == acknowledged > 2000
    with pytest.raises(DiskFullError):  # a start writes the tail anew, and that needs room
        open_sequencer(small_disk)
    subprocess.run(["mount", "-o", "remount,size=2m", small_disk], check=True)
    with open_sequencer(small_disk) as sequencer:
        assert sequencer.released_seq == acknowledged


def test_disk_without_room_for_a_facility_leaves_none(small_disk: Path) -> None:
    with pytest.raises(DiskFullError, match="reserve"):
        create_facility(small_disk, "No room", edition=EDITION, segment_bytes=2 << 20)
    assert not (small_disk / "facility.json").exists()


def test_folder_on_a_read_only_disk_verifies_but_does_not_open(small_disk: Path) -> None:
    create(small_disk, segment_bytes=256 << 10)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(ReadOnlyError, match="EROFS") as caught:
        open_sequencer(small_disk)
    assert "only verify and replay" in str(caught.value)
    assert verify(small_disk).ok


def test_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    switch = Switch("open", errno.EACCES)
    switch.on = True
    create(tmp_path)
    with pytest.raises(ReadOnlyError, match=r"next\.new") as caught:
        open_sequencer(tmp_path, FailingFiles(switch))
    assert isinstance(caught.value, JournalError)
    open_sequencer(tmp_path).close()
