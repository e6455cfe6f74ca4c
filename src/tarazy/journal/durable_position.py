"""The durable position: how far the record may be believed, told by the writer to readers in other processes.

What a reader finds in the page cache may not be on the device yet, and what is not on the device may be gone after a
power cut. So the writer publishes, after each sync, the last durable frame in the small file `durable`, and readers in
other processes stop there. Layout, little-endian, 320 bytes:
    0    8   magic `TZDURAB1`
    8    16  facility_id
    24   u64 process number of the writer, 32 u64 when it started, UTC nanoseconds
    40   24  first 24 bytes of SHA-256 of bytes 0 to 39
    64   128 slot 0, 192 128 slot 1: u64 counter, u64 frame_number, u64 seq, 32 frame_hash, 32 SHA-256 of the 56 before
The writer fills the two slots in turn, so the one before stands whole while it writes, and whoever reads takes the
whole slot with the higher counter: no reader ever waits for the writer or sees half of a position.

Every writer makes a file of its own and renames it into place; while it lives it holds a lock on it, which the kernel
takes back however the process ends. A file without a lock is one of a writer that is gone: its position still holds,
since nothing durable is ever taken back, but it will not move.

`pwrite` and not a shared mapping: a file that somebody cuts short, or a device that fails, then raises an error here
instead of killing the writer by a signal.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
import time
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from tarazy.journal.errors import IdentityError, JournalError
from tarazy.journal.files import reading, storage_error, storing
from tarazy.journal.opening import open_plain

DURABLE_NAME = "durable"
DURABLE_SIZE = 320
LOOK_AGAIN_S = 1.0  # a writer looks for its own file
NEW_WRITER_S = 0.05  # a reader looks for another one

_MAGIC = b"TZDURAB1"
_HEAD = struct.Struct("<8s16sQQ")
_HEAD_SIZE = 64
_SLOT = struct.Struct("<QQQ32s")
_SLOT_SIZE = 128
_LOCK = struct.Struct("hhqqi4x")  # struct flock of 64-bit Linux


class DurablePosition(NamedTuple):
    """The last frame that is durable; frame 0 stands for none yet."""

    frame_number: int
    seq: int
    frame_hash: bytes


class PublicationError(JournalError):
    """The durable position cannot be published; the record itself is not touched by that."""

    what = "the durable position is not published"
    action = "Readers in other processes stand still until it is; the writer goes on."


class PositionWriter:
    """Publish the durable position of one writer. The caller holds the folder's lock."""

    def __init__(self, directory: Path, facility_id: bytes, position: DurablePosition) -> None:
        self.path = Path(directory) / DURABLE_NAME
        self.position = position
        self._head = _HEAD.pack(_MAGIC, facility_id, os.getpid(), time.time_ns())
        self._counter = 0
        self._looked_s = time.monotonic()
        self._fd = self._create()

    def _create(self) -> int:
        """Make the file with the position in it, lock it, and give it its name."""
        temporary = self.path.with_name(DURABLE_NAME + ".new")
        with storing(temporary, "publish the durable position"):
            temporary.unlink(missing_ok=True)
            fd = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
            try:
                head = (self._head + sha256(self._head).digest()).ljust(_HEAD_SIZE)[:_HEAD_SIZE]
                os.pwrite(fd, head + bytes(2 * _SLOT_SIZE), 0)
                self._fd = fd
                self._write(self.position)
                fcntl.fcntl(fd, fcntl.F_OFD_SETLK, _LOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
                os.replace(temporary, self.path)
            except OSError:
                os.close(fd)
                raise
        return fd

    def publish(self, frame_number: int, seq: int, frame_hash: bytes) -> None:
        """Tell readers that the journal is durable up to this frame.

        Cost: one write of 128 bytes. Raises: StorageError; the record is not touched by that.
        """
        try:
            self._write(DurablePosition(frame_number, seq, frame_hash))
        except OSError as error:
            raise storage_error(self.path, "publish the durable position", error) from error
        now = time.monotonic()
        if now - self._looked_s > LOOK_AGAIN_S:
            self._looked_s = now
            self._keep_name()

    def _write(self, position: DurablePosition) -> None:
        """Fill the slot whose turn it is."""
        self._counter += 1
        fields = _SLOT.pack(self._counter, *position)
        slot = (fields + sha256(fields).digest()).ljust(_SLOT_SIZE, b"\0")
        os.pwrite(self._fd, slot, _HEAD_SIZE + self._counter % 2 * _SLOT_SIZE)
        self.position = position

    def _keep_name(self) -> None:
        """Make the file anew where somebody removed it, replaced it or cut it short."""
        with contextlib.suppress(OSError):
            found, own = os.stat(self.path), os.fstat(self._fd)
            if (found.st_dev, found.st_ino) == (own.st_dev, own.st_ino) and own.st_size == DURABLE_SIZE:
                return
        old = self._fd
        self._fd = self._create()
        os.close(old)

    def close(self) -> None:
        """Let the lock go; the file stays and tells how far this writer came."""
        os.close(self._fd)


class PositionReader:
    """Read the position that the writer of a folder publishes, across restarts of the writer."""

    def __init__(self, directory: Path, facility_id: bytes) -> None:
        self.path = Path(directory) / DURABLE_NAME
        self._facility_id = facility_id
        self._fd: int | None = None
        self._looked_s = 0.0
        self._latest = DurablePosition(0, 0, bytes(32))
        self.writers = 0  # how many writers this reader has met

    def read(self) -> DurablePosition:
        """Return the newest position; it never goes back. Frame 0: nothing was ever published.

        Cost: one read of 320 bytes; now and then a look whether another writer has begun.
        Raises: IdentityError where another facility's file lies there; StorageError.
        """
        now = time.monotonic()
        if self._fd is None or now - self._looked_s > NEW_WRITER_S:
            self._looked_s = now
            self._open_newest()
        if self._fd is not None:
            with reading(self.path, "read the durable position"):
                found = decode_position(os.pread(self._fd, DURABLE_SIZE, 0))
            if found is not None and found.frame_number > self._latest.frame_number:
                self._latest = found
        return self._latest

    def _open_newest(self) -> None:
        """Open the file that has the name now, unless it is open already."""
        with reading(self.path, "open the durable position"):
            try:
                fd = open_plain(self.path)
            except FileNotFoundError:
                return
        if self._fd is not None and os.fstat(fd).st_ino == os.fstat(self._fd).st_ino:
            os.close(fd)
            return
        self._check_whose(fd)
        old, self._fd = self._fd, fd
        self.writers += 1
        if old is not None:
            os.close(old)

    def _check_whose(self, fd: int) -> None:
        """Refuse the file of another facility."""
        head = os.pread(fd, _HEAD_SIZE, 0)
        fields = head[: _HEAD.size]
        if len(head) == _HEAD_SIZE and head == (fields + sha256(fields).digest())[:_HEAD_SIZE]:
            magic, facility_id, _, _ = _HEAD.unpack(fields)
            if (magic, facility_id) == (_MAGIC, self._facility_id):
                return
        os.close(fd)
        raise IdentityError(
            self.path, expected=f"the durable position of facility {self._facility_id.hex()}", found="other bytes"
        )

    def writer_lives(self) -> bool:
        """Say whether the writer of the newest position still runs."""
        self._looked_s = time.monotonic()
        self._open_newest()
        if self._fd is None:
            return False
        asked = _LOCK.pack(fcntl.F_RDLCK, os.SEEK_SET, 0, 0, 0)
        with reading(self.path, "ask for the writer's lock"):
            answer = fcntl.fcntl(self._fd, fcntl.F_OFD_GETLK, asked)
        kind: int = _LOCK.unpack(answer)[0]
        return kind != fcntl.F_UNLCK

    def close(self) -> None:
        """Close the file."""
        if self._fd is not None:
            os.close(self._fd)
        self._fd = None

    def __enter__(self) -> PositionReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def published_frame(directory: Path, facility_id: bytes) -> int | None:
    """Return the last frame that a writer has published as durable, None where none ever published.

    Raises: IdentityError where another facility's file lies there; StorageError.
    """
    with PositionReader(directory, facility_id) as reader:
        position = reader.read()
        return position.frame_number if reader.writers else None


def decode_position(buffer: bytes) -> DurablePosition | None:
    """Return the newest whole position of a file's bytes, or None where neither slot is whole."""
    newest: tuple[int, DurablePosition] | None = None
    for at in (_HEAD_SIZE, _HEAD_SIZE + _SLOT_SIZE):
        fields = buffer[at : at + _SLOT.size]
        if buffer[at + _SLOT.size : at + _SLOT.size + 32] != sha256(fields).digest():
            continue
        counter, *rest = _SLOT.unpack(fields)
        if newest is None or counter > newest[0]:
            newest = counter, DurablePosition(*rest)
    return None if newest is None else newest[1]
