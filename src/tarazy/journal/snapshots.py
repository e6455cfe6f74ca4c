"""Snapshots: the state at a checkpoint, so that a start does not replay everything.

`snapshots/<seq>.snap` is a header of 168 bytes (little-endian) and the canonical state:
    0    8   magic `TZSNAP01`, 8 u32 format, 12 u32 edition
    16   u64 seq: the TakeCheckpoint command after which this is the state
    24   u64 segment, 32 u64 offset, 40 u64 frame_number, 48 32 prev_hash: where its signed statement stands
    80   16  facility_id, 96 u64 state_bytes
    104  32  state_digest: SHA-256 of the state
    136  32  SHA-256 of bytes 0 to 135
A snapshot is only believed when the signed statement at that place names its state_digest.
"""

from __future__ import annotations

import re
import struct
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tarazy.journal.errors import SnapshotError
from tarazy.journal.files import Files, reading, write_whole
from tarazy.journal.frame import Position
from tarazy.journal.identity import FORMAT

SNAPSHOT_MAGIC = b"TZSNAP01"
_FIELDS = struct.Struct("<8sIIQQQQ32s16sQ32s")
SNAPSHOT_HEADER_SIZE = _FIELDS.size + 32
_NAME = re.compile(r"(\d{20})\.snap")


class SnapshotHeader(NamedTuple):
    """The fixed part of a snapshot."""

    edition: int
    seq: int
    segment: int
    offset: int
    frame_number: int
    prev_hash: bytes
    facility_id: bytes
    state_bytes: int
    state_digest: bytes

    @property
    def statement_position(self) -> Position:
        """Return where the signed statement on this state stands."""
        return Position(self.segment, self.offset, self.frame_number, self.prev_hash, self.seq + 1)

    def encode(self) -> bytes:
        """Return the 168 bytes of the header."""
        fields = _FIELDS.pack(SNAPSHOT_MAGIC, FORMAT, *self)
        return fields + sha256(fields).digest()


class Snapshot(NamedTuple):
    """A state and what is said about it."""

    header: SnapshotHeader
    state: bytes


def snapshot_path(directory: Path, seq: int) -> Path:
    """Return the file of the snapshot taken at command `seq`."""
    return directory / "snapshots" / f"{seq:020d}.snap"


def snapshot_seqs(directory: Path) -> list[int]:
    """Return the command numbers at which there are snapshots, lowest first."""
    folder = directory / "snapshots"
    if not folder.exists():
        return []
    with reading(folder, "list the snapshots"):
        return sorted(int(match[1]) for path in folder.iterdir() if (match := _NAME.fullmatch(path.name)))


def write_snapshot(directory: Path, snapshot: Snapshot, *, files: Files | None = None) -> None:
    """Store a snapshot; after a crash it is there in full or not at all."""
    path = snapshot_path(directory, snapshot.header.seq)
    write_whole(files or Files(), path, [snapshot.header.encode(), snapshot.state])


def remove_old_snapshots(directory: Path, keep: int, *, files: Files | None = None) -> None:
    """Remove all but the newest `keep` snapshots."""
    for seq in snapshot_seqs(directory)[: -keep or None]:
        (files or Files()).remove(snapshot_path(directory, seq))


def read_snapshot(directory: Path, seq: int) -> Snapshot:
    """Read a snapshot and check it against its own digests."""
    path = snapshot_path(directory, seq)
    with reading(path, "read the snapshot"), path.open("rb") as file:
        header, state = _decode(file.read(SNAPSHOT_HEADER_SIZE)), file.read()
    if header is None or header.seq != seq or header.state_bytes != len(state):
        raise SnapshotError(path, expected=f"the snapshot of command {seq} with its SHA-256", found="other bytes")
    digest = sha256(state).digest()
    if digest != header.state_digest:
        raise SnapshotError(path, expected=f"a state with digest {header.state_digest.hex()}", found=digest.hex())
    return Snapshot(header, state)


def _decode(data: bytes) -> SnapshotHeader | None:
    """Return the header of a snapshot, or None where it is not as it was written."""
    if len(data) < SNAPSHOT_HEADER_SIZE:
        return None
    if sha256(data[: _FIELDS.size]).digest() != data[_FIELDS.size : SNAPSHOT_HEADER_SIZE]:
        return None
    magic, journal_format, *fields = _FIELDS.unpack_from(data)
    return SnapshotHeader(*fields) if (magic, journal_format) == (SNAPSHOT_MAGIC, FORMAT) else None
