"""A disk that loses power or breaks, for tests: seeded, so that a failure can be seen again.

Writes go to real files at once. What every sector held before is kept until the file is synced; when the power is cut
each sector that was written since decides by chance whether it got through. A rename counts once the folder is synced.
"""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Callable, Sequence
from pathlib import Path

from tarazy.journal.files import Files, storing

SECTOR = 512


class PowerCut(Exception):  # noqa: N818 - it is no error of the program
    """The machine is off; nothing that is done from now on happens."""


class SimulatedDisk(Files):
    """Lose power at the operation number `cut_at`, or at the first sync from there on, when data is under way."""

    def __init__(self, cut_at: int | None = None, *, waits_for_sync: bool = False) -> None:
        self.operations = 0
        self._cut_at = cut_at
        self._waits_for_sync = waits_for_sync
        self._unsynced: dict[Path, dict[int, bytes]] = {}
        self._renames: list[tuple[Path, Path]] = []

    def _step(self, *, is_sync: bool = False) -> None:
        """Count one operation, or refuse it when the power is off."""
        self.operations += 1
        if self._cut_at is not None and self.operations >= self._cut_at and (is_sync or not self._waits_for_sync):
            self._waits_for_sync = False
            raise PowerCut(f"at operation {self.operations}")

    def open(self, path: Path, *, create: bool = False) -> int:
        """Open a file while there is power."""
        self._step()
        return super().open(path, create=create)

    def write(self, fd: int, path: Path, buffers: Sequence[bytes | memoryview], offset: int) -> None:
        """Write, and remember what the sectors held."""
        self._step()
        size = sum(map(len, buffers))
        old = self._unsynced.setdefault(path, {})
        for sector in range(offset // SECTOR, -(-(offset + size) // SECTOR)):
            old.setdefault(sector, os.pread(fd, SECTOR, sector * SECTOR))
        super().write(fd, path, buffers, offset)

    def sync(self, fd: int, path: Path) -> None:
        """Make what was written to a file permanent."""
        self._step(is_sync=True)
        self._unsynced.pop(path, None)
        self._step()

    def sync_folder(self, path: Path) -> None:
        """Make the names in a folder permanent."""
        self._step()
        self._renames = [names for names in self._renames if names[1].parent != path]
        self._step()

    def rename(self, source: Path, target: Path) -> None:
        """Rename, for now."""
        self._step()
        super().rename(source, target)
        self._renames.append((source, target))

    def remove(self, path: Path) -> None:
        """Remove a file while there is power."""
        self._step()
        super().remove(path)

    def allocate(self, fd: int, path: Path, size: int) -> None:
        """Reserve room while there is power; the sync inside it is not simulated."""
        self._step()
        with storing(path, "reserve"):
            os.posix_fallocate(fd, 0, size)
        self._step()

    def cut_power(self, chance: random.Random) -> None:
        """Decide what of the unsynced writes and names got through; call it once, at the end."""
        survival = chance.choice([0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0])
        for path, sectors in self._unsynced.items():
            lost = [sector for sector in sorted(sectors) if chance.random() >= survival]
            if path.exists():
                put_back(path, {sector: sectors[sector] for sector in lost})
        for source, target in reversed(self._renames):
            if chance.random() < 0.5:
                os.replace(target, source)


def put_back(path: Path, sectors: dict[int, bytes]) -> None:
    """Restore what sectors held."""
    fd = os.open(path, os.O_RDWR)
    try:
        for sector, data in sectors.items():
            os.pwrite(fd, data, sector * SECTOR)
    finally:
        os.close(fd)


class FailingFiles(Files):
    """Files that work until told to fail: each operation asks `fails` for an error number, 0 for none."""

    def __init__(self, fails: Callable[[str, Path], int]) -> None:
        self.calls: list[str] = []
        self._fails = fails

    def _ask(self, operation: str, path: Path) -> None:
        """Raise what the test wants."""
        self.calls.append(operation)
        number = self._fails(operation, path)
        if number:
            with storing(path, operation):
                raise OSError(number, errno.errorcode[number])

    def open(self, path: Path, *, create: bool = False) -> int:
        """Open a file or fail."""
        self._ask("open", path)
        return super().open(path, create=create)

    def write(self, fd: int, path: Path, buffers: Sequence[bytes | memoryview], offset: int) -> None:
        """Write or fail."""
        self._ask("write", path)
        super().write(fd, path, buffers, offset)

    def sync(self, fd: int, path: Path) -> None:
        """Sync or fail."""
        self._ask("sync", path)
        super().sync(fd, path)

    def allocate(self, fd: int, path: Path, size: int) -> None:
        """Reserve or fail."""
        self._ask("allocate", path)
        super().allocate(fd, path, size)
