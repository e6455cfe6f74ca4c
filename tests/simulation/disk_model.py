"""A machine that crashes, fails and loses power, for tests: seeded, so that a failure can be seen again.

Real files are what the operating system shows. Beside them the model keeps what the device holds: for every file its
sectors and its length, for every folder its names. A write, a new length, a new name, a rename or a removal is only
under way until its file or folder is synced; when the power is cut each of them decides by chance whether it got
through, sectors one by one and in any order, and the newest write of a file may end inside a sector.
- A crash ends the process; the operating system goes on and shows everything that was written.
- A sync that fails lets go of what was under way: some of it reached the device, the rest never will, and the next
  sync of the same file succeeds all the same. Later the operating system may show the old sectors again.
- A write that fails, or that a crash interrupts, may have written a part that ends anywhere.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tarazy.journal.files import Files, storing

SECTOR = 512


class Crash(Exception):  # noqa: N818 - it is no error of the program
    """The process is gone; nothing that it does from now on happens."""


class Plan(NamedTuple):
    """What goes wrong at the operation with a number: `crash`, `fail` (the operation's device fails) or `nothing`."""

    operation: int = 0
    kind: str = "nothing"


NOTHING = Plan()


@dataclass(eq=False)
class Inode:
    """A file as the device has it, and what is under way to it: sectors by number, and a length.

    `let_go` are sectors that a failed sync lost: shown, taken for clean, and not on the device.
    """

    is_folder: bool = False
    data: bytearray = field(default_factory=bytearray)
    under_way: dict[int, bytes] = field(default_factory=dict)
    let_go: set[int] = field(default_factory=set)
    size: int = 0


class Name(NamedTuple):
    """A change of a folder's names: `path` means `inode` now, None = it is gone; `source` is what it was called."""

    path: Path
    inode: Inode | None
    source: Path | None = None


class Machine:
    """What survives lives: the device, and the files that the operating system shows below `root`."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        self.root, self.chance = root, chance
        self.shown: dict[Path, Inode] = {}
        self.durable: dict[Path, Inode] = {}
        self.names: list[Name] = []

    def adopt(self) -> None:
        """Take everything that is shown as durable."""
        for path in sorted(self.root.rglob("*")):
            data = b"" if path.is_dir() else path.read_bytes()
            self.shown[path] = Inode(path.is_dir(), bytearray(data), size=len(data))
        self.durable = dict(self.shown)

    def write_back(self, share: float) -> None:
        """Let the operating system write some of what is under way to the device, as it does at any time."""
        for inode in self.shown.values():
            for sector in [at for at in inode.under_way if self.chance.random() < share]:
                _store(inode, sector, inode.under_way.pop(sector))

    def forget_clean_pages(self, share: float) -> None:
        """Let the operating system read again what it has taken for clean since a sync failed."""
        for path, inode in self.shown.items():
            for sector in sorted(inode.let_go):
                if self.chance.random() < share and path.exists():
                    put(path, sector, bytes(inode.data[sector * SECTOR : (sector + 1) * SECTOR]).ljust(SECTOR, b"\0"))
                    inode.let_go.discard(sector)

    def cut_power(self) -> None:
        """Decide what got through, and show from now on what the device holds."""
        survival = self.chance.choice([0.0, 0.1, 0.5, 0.9, 1.0])
        for inode in {id(inode): inode for inode in self.shown.values()}.values():
            self._settle_file(inode, survival)
        for name in self.names:
            if self.chance.random() < survival:
                self.apply(name)
        self.names.clear()
        self._show()

    def _settle_file(self, inode: Inode, survival: float) -> None:
        """Decide which sectors of a file got through; the last one that did may be there in part."""
        kept = [at for at in sorted(inode.under_way) if self.chance.random() < survival]
        if kept and self.chance.random() < 0.3:  # a write that ended inside a sector: nothing behind it was written
            last = self.chance.choice(kept)
            kept = [at for at in kept if at <= last]
            whole, end = inode.under_way[last], self.chance.randrange(SECTOR)
            before = bytes(inode.data[last * SECTOR : (last + 1) * SECTOR]).ljust(SECTOR, b"\0")
            inode.under_way[last] = (whole[:end] + before[end:])[: len(whole)]
        for sector in kept:
            _store(inode, sector, inode.under_way[sector])
        if self.chance.random() < survival:
            _resize(inode, inode.size)
        inode.under_way.clear()
        inode.let_go.clear()

    def apply(self, name: Name) -> None:
        """Make a change of names durable."""
        if name.source is not None:
            self.durable.pop(name.source, None)
        if name.inode is None:
            self.durable.pop(name.path, None)
        else:
            self.durable[name.path] = name.inode

    def _show(self) -> None:
        """Make the files below the root what the device holds; what the model does not know stays."""
        for path in sorted(self.shown, reverse=True):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        reachable = {path: inode for path, inode in self.durable.items() if self._is_reachable(path)}
        for path, inode in sorted(reachable.items()):
            if inode.is_folder:
                path.mkdir(mode=0o700 if path.suffix == ".keys" else 0o755)
            else:
                path.touch(0o600 if path.suffix == ".key" else 0o644)
                path.write_bytes(inode.data)
            inode.size = len(inode.data)
        self.shown, self.durable = dict(reachable), dict(reachable)

    def _is_reachable(self, path: Path) -> bool:
        """Say whether all folders above a path are durable."""
        above = [each for each in path.parents if each != self.root and self.root in each.parents]
        return all(each in self.durable for each in above)


class MachineFiles(Files):
    """The files of one life of a process on a machine."""

    def __init__(self, machine: Machine, plan: Plan = NOTHING) -> None:
        self.machine, self.plan = machine, plan
        self.operations = 0
        self._is_dead = False
        self._inodes: dict[int, Inode] = {}

    @property
    def has_failed(self) -> bool:
        """Say whether what was planned has happened."""
        return self.plan.kind != "nothing" and self.operations >= self.plan.operation

    def _step(self) -> bool:
        """Count one operation and say whether it is to fail; raise where the process ends."""
        if self._is_dead:
            raise Crash
        self.operations += 1
        if self.operations != self.plan.operation or self.plan.kind == "nothing":
            return False
        self._is_dead = self.plan.kind == "crash"
        return True

    def _end(self, path: Path, act: str, number: int = errno.EIO) -> None:
        """Let a planned operation end as was planned."""
        if self._is_dead:
            raise Crash
        with storing(path, act):
            raise OSError(number, os.strerror(number))

    def open(self, path: Path, *, create: bool = False) -> int:
        """Open a file; a new one has a name under way."""
        if self._step():
            self._end(path, "open the file for writing")
        fd = super().open(path, create=create)
        if create:
            self._name(Name(path, Inode()))
        self._inodes[fd] = self.machine.shown[path]
        return fd

    def open_new(self, path: Path, mode: int) -> int:
        """Make a file."""
        if self._step():
            self._end(path, "make the file")
        fd = super().open_new(path, mode)
        self._name(Name(path, Inode()))
        self._inodes[fd] = self.machine.shown[path]
        return fd

    def write(self, fd: int, path: Path, buffers: Sequence[bytes | memoryview], offset: int) -> None:
        """Write; what fails may have written a part."""
        data = b"".join(buffers)
        is_to_fail = self._step()
        if is_to_fail:
            data = data[: self.machine.chance.randint(0, len(data))]
        super().write(fd, path, [data], offset)
        inode = self._inodes[fd]
        inode.size = max(inode.size, offset + len(data))
        for sector in range(offset // SECTOR, -(-(offset + len(data)) // SECTOR)):
            inode.under_way[sector] = os.pread(fd, SECTOR, sector * SECTOR)
            inode.let_go.discard(sector)
        if is_to_fail:
            self._end(path, "write", errno.ENOSPC)

    def sync(self, fd: int, path: Path) -> None:
        """Make a file durable, or let go of what was under way to it."""
        is_to_fail = self._step()
        inode = self._inodes[fd]
        if is_to_fail and self._is_dead and self.machine.chance.random() < 0.5:
            raise Crash  # before anything was done
        for sector in sorted(inode.under_way):
            if not is_to_fail or self._is_dead or self.machine.chance.random() < 0.3:
                _store(inode, sector, inode.under_way[sector])
            else:
                inode.let_go.add(sector)
        inode.under_way.clear()
        _resize(inode, inode.size)
        if is_to_fail:
            self._end(path, "make the data durable")

    def sync_folder(self, path: Path) -> None:
        """Make the names in a folder durable, or let go of them."""
        is_to_fail = self._step()
        if is_to_fail and self._is_dead:
            raise Crash
        here = [name for name in self.machine.names if name.path.parent == path]
        self.machine.names = [name for name in self.machine.names if name.path.parent != path]
        for name in here:
            if not is_to_fail or self.machine.chance.random() < 0.3:
                self.machine.apply(name)
        if is_to_fail:
            self._end(path, "make the folder durable")

    def rename(self, source: Path, target: Path) -> None:
        """Rename, for now."""
        if self._step():
            self._end(target, "rename the file into place")
        super().rename(source, target)
        inode = self.machine.shown.pop(source)
        self._name(Name(target, inode, source))

    def remove(self, path: Path) -> None:
        """Remove a file, for now."""
        if self._step():
            self._end(path, "remove the file")
        super().remove(path)
        if self.machine.shown.pop(path, None) is not None:
            self.machine.names.append(Name(path, None))

    def make_folder(self, path: Path, *, mode: int = 0o755) -> None:
        """Make one folder, for now; those above are there."""
        if self._step():
            self._end(path, "make the folder")
        if path.is_dir():
            return
        if path.parent != self.machine.root:
            self.make_folder(path.parent)
        path.mkdir(mode)
        self._name(Name(path, Inode(is_folder=True)))
        self.sync_folder(path.parent)

    def allocate(self, fd: int, path: Path, size: int) -> None:
        """Give a file its length, for now, and sync it."""
        if self._step():
            self._end(path, f"reserve {size} bytes", errno.ENOSPC)
        os.ftruncate(fd, size)
        self._inodes[fd].size = size
        self.sync(fd, path)

    def _name(self, name: Name) -> None:
        """Show a name that is under way."""
        if name.inode is not None:
            self.machine.shown[name.path] = name.inode
        self.machine.names.append(name)


def put(path: Path, sector: int, data: bytes) -> None:
    """Write one sector of a real file, as far as the file goes."""
    fd = os.open(path, os.O_RDWR)
    try:
        room = max(os.fstat(fd).st_size - sector * SECTOR, 0)
        os.pwrite(fd, data[:room], sector * SECTOR)
    finally:
        os.close(fd)


def _store(inode: Inode, sector: int, data: bytes) -> None:
    """Put a sector onto the device."""
    end = sector * SECTOR + len(data)
    if len(inode.data) < end:
        _resize(inode, end)
    inode.data[sector * SECTOR : end] = data


def _resize(inode: Inode, size: int) -> None:
    """Give a file on the device a length."""
    if len(inode.data) < size:
        inode.data.extend(bytes(size - len(inode.data)))
    del inode.data[size:]
