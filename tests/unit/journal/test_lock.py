"""The lock is on the folder, and a writer from under which things are taken stops before it tells anybody."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tarazy.journal.errors import FolderChangedError, FolderInUseError, NotAFacilityError, NotAPlainFileError
from tarazy.journal.lock import FolderLock
from tarazy.journal.segment import segment_path
from tests.simulation.plain_facility import PlainFacility, Unsynced

from .building import commands, create


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return a facility."""
    return create(tmp_path / "a", 1 << 16)


@pytest.fixture
def facility(directory: Path) -> Iterator[PlainFacility]:
    """Return the facility's writer, with one frame written."""
    with PlainFacility(directory, Unsynced()) as found:
        found.execute(commands(3))
        yield found


def replace_file(path: Path) -> None:
    """Put a copy in a file's place."""
    copy = path.with_name("copy")
    shutil.copy(path, copy)
    copy.replace(path)


def replace_folder(path: Path) -> None:
    """Put a copy in a folder's place."""
    kept = path.rename(path.with_name("kept"))
    shutil.copytree(kept, path)


@pytest.mark.usefixtures("facility")
def test_second_writer_is_refused_and_told_who_is_there(directory: Path) -> None:
    with pytest.raises(FolderInUseError, match=f"found a writer with process number {os.getpid()}"):
        PlainFacility(directory, Unsynced())


@pytest.mark.usefixtures("facility")
def test_removed_lock_file_lets_no_second_writer_in(directory: Path) -> None:
    (directory / "lock").unlink()
    with pytest.raises(FolderInUseError, match="process number unknown"):
        PlainFacility(directory, Unsynced())


@pytest.mark.usefixtures("facility")
def test_folder_under_another_name_has_the_same_lock(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(directory)
    with pytest.raises(FolderInUseError):
        FolderLock(tmp_path / "link")


def test_lock_is_free_when_the_writer_is_gone(directory: Path) -> None:
    for _ in range(3):
        PlainFacility(directory, Unsynced()).close()


CHANGES: dict[str, Callable[[Path], object]] = {
    "lock file removed": lambda directory: (directory / "lock").unlink(),
    "lock file replaced": lambda directory: replace_file(directory / "lock"),
    "segment removed": lambda directory: segment_path(directory, 1).unlink(),
    "segment replaced": lambda directory: replace_file(segment_path(directory, 1)),
    "segment renamed": lambda directory: segment_path(directory, 1).rename(directory / "segments" / "other"),
    "segment linked": lambda directory: (
        segment_path(directory, 1).replace(directory / "x") and segment_path(directory, 1).symlink_to(directory / "x")
    ),
    "segments replaced": lambda directory: replace_folder(directory / "segments"),
    "folder removed": shutil.rmtree,
    "folder renamed": lambda directory: directory.rename(directory.with_name("other")),
    "folder replaced": replace_folder,
}


@pytest.mark.parametrize("change", CHANGES)
def test_writer_stops_when_something_is_taken_from_under_it(
    facility: PlainFacility, directory: Path, change: str
) -> None:
    CHANGES[change](directory)
    for _ in range(2):
        with pytest.raises(FolderChangedError, match="removed or replaced under the writer"):
            facility.execute(commands(1))
    assert facility.log.durable_seq == 3


@pytest.mark.parametrize("kind", ["link", "fifo", "folder"])
def test_lock_file_that_is_no_file_is_refused(directory: Path, tmp_path: Path, kind: str) -> None:
    path = directory / "lock"
    if kind == "link":
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.mkdir()
    with pytest.raises(NotAPlainFileError):
        FolderLock(directory)
    assert not (tmp_path / "elsewhere").exists()


def test_folder_that_is_not_there_is_no_facility(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name in ("nothing", "file"):
        with pytest.raises(NotAFacilityError):
            FolderLock(tmp_path / name)
