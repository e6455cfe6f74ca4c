"""Whatever call of the operating system fails, and whenever, the error is one of the journal's own and names a file."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tarazy.journal.create import create_facility
from tarazy.journal.errors import JournalError
from tarazy.journal.replay import replay
from tarazy.journal.verify import verify
from tests.simulation.plain_facility import PlainFacility
from tests.simulation.tally_engine import TallyEngine

from .building import SEED, commands

CALLS = [
    (os, name)
    for name in (
        "open",
        "fstat",
        "stat",
        "lstat",
        "pread",
        "pwritev",
        "pwrite",
        "ftruncate",
        "posix_fallocate",
        "fdatasync",
        "fsync",
        "replace",
        "unlink",
        "mkdir",
        "listdir",
        "scandir",
    )
] + [(fcntl, "flock")]
NUMBERS = [errno.EIO, errno.ENOSPC, errno.EACCES, errno.ESTALE]


class Counter:
    """Count the calls of a function and fail at one of them."""

    def __init__(self, function: Callable[..., Any], below: Path) -> None:
        self.function, self.below = function, str(below)
        self.calls = self.fail_at = self.number = 0

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call the function, or fail. Files that are not the test's are left alone."""
        if isinstance(arguments[0], (str, Path)) and not str(arguments[0]).startswith((self.below, "lock", "segm")):
            return self.function(*arguments, **named)
        self.calls += 1
        if self.calls == self.fail_at:
            raise OSError(self.number, os.strerror(self.number), "a file")
        return self.function(*arguments, **named)


def whole_life(folder: Path) -> None:
    """Create a facility, write into two segments with a checkpoint, start again, and read it all."""
    directory = folder / "facility"
    create_facility(directory, "A", edition=1, segment_bytes=8192, sector_bytes=512, seed=SEED)
    for _ in range(2):
        with PlainFacility(directory) as facility:
            facility.execute(commands(5))
            facility.checkpoint()
            facility.execute(commands(12))
            facility.execute(commands(12))
    report = verify(directory, jobs=1)
    if report.damage is not None:
        raise report.damage
    divergence = replay(directory, TallyEngine()).divergence
    if divergence is not None:
        raise divergence


def error_of(folder: Path) -> JournalError | None:
    """Return the error that a life ends in; any other exception is a defect and leaves."""
    try:
        whole_life(folder)
    except JournalError as error:
        return error
    return None


@pytest.mark.parametrize(("module", "name"), CALLS, ids=[name for _, name in CALLS])
def test_failed_call_is_an_error_of_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> None:
    if name not in ("fsync", "fdatasync"):
        monkeypatch.setattr(os, "fsync", lambda fd: None)
        monkeypatch.setattr(os, "fdatasync", lambda fd: None)
    counter = Counter(getattr(module, name), tmp_path)
    monkeypatch.setattr(module, name, counter)
    (tmp_path / "whole").mkdir()
    whole_life(tmp_path / "whole")
    total = counter.calls
    for fail_at in range(1, total + 1, max(total // 60, 1)):
        counter.calls, counter.fail_at, counter.number = 0, 0, NUMBERS[fail_at % len(NUMBERS)]
        folder = tmp_path / str(fail_at)
        folder.mkdir()
        counter.calls, counter.fail_at = 0, fail_at
        error = error_of(folder)
        counter.fail_at = 0
        assert error is None or ("expected" in str(error) and str(folder) in str(error))
        shutil.rmtree(folder)
