"""Snapshots: the state at a mark, so that a start does not replay everything.

`snapshots/<seq>.snap`, little-endian:
    0    8   magic `TZSNAP01`, 8 u32 format, then four zero bytes
    16   256 the signed statement on this state (`statement.py`)
    272  32  for each bit that is set in its tree_size: the roots of the tree's complete subtrees, the largest first
    ...      the canonical state, as many bytes as the statement says
Every byte is bound by the statement's signature: the frontier gives its tree_root, the state its state_digest, and both
lengths are signed. So a snapshot proves itself, and a start goes on at the frame behind its mark.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Collection
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tarazy.journal.errors import NotAPlainFileError, SnapshotError
from tarazy.journal.files import Files, reading, write_whole
from tarazy.journal.identity import FORMAT
from tarazy.journal.merkle import HASH_SIZE, Frontier
from tarazy.journal.opening import check_folder, is_there, open_plain, read_fully
from tarazy.journal.statement import STATEMENT_SIZE, Statement

SNAPSHOT_MAGIC = b"TZSNAP01"
SNAPSHOT_HEADER = struct.pack("<8sIxxxx", SNAPSHOT_MAGIC, FORMAT)
SNAPSHOT_HEADER_SIZE = len(SNAPSHOT_HEADER)
_FRONTIER_AT = SNAPSHOT_HEADER_SIZE + STATEMENT_SIZE
_NAME = re.compile(r"(\d{20})\.snap")
_CHUNK = 16 << 20


class Snapshot(NamedTuple):
    """A state and what was signed about it; `frontier` are the hashes of the statement's tree."""

    statement: Statement
    frontier: tuple[bytes, ...]
    state: bytes

    @property
    def tree(self) -> Frontier:
        """Return the tree over all frames up to the mark's, to go on with."""
        return Frontier(self.statement.tree_size, self.frontier)

    def buffers(self) -> list[bytes]:
        """Return the bytes of the snapshot's file, in pieces."""
        return [SNAPSHOT_HEADER, self.statement.pack(), *self.frontier, self.state]


def snapshot_path(directory: Path, seq: int) -> Path:
    """Return the file of the snapshot taken at command `seq`."""
    return directory / "snapshots" / f"{seq:020d}.snap"


def snapshot_seqs(directory: Path) -> list[int]:
    """Return the command numbers at which there are snapshots, lowest first."""
    folder = directory / "snapshots"
    check_folder(folder)
    if not is_there(folder):
        return []
    with reading(folder, "list the snapshots"):
        return sorted(int(match[1]) for name in os.listdir(folder) if (match := _NAME.fullmatch(name)))


def left_overs(directory: Path) -> list[Path]:
    """Return what snapshots that were never finished left behind."""
    folder = directory / "snapshots"
    check_folder(folder)
    if not is_there(folder):
        return []
    with reading(folder, "list the snapshots"):
        return [folder / name for name in sorted(os.listdir(folder)) if name.endswith(".new")]


def write_snapshot(directory: Path, snapshot: Snapshot, *, files: Files | None = None) -> None:
    """Store a snapshot; after a crash it is there in full or not at all."""
    write_whole(files or Files(), snapshot_path(directory, snapshot.statement.seq), snapshot.buffers())


def remove_old_snapshots(directory: Path, keep: int, *, files: Files | None = None) -> None:
    """Remove all but the newest `keep` snapshots."""
    for seq in snapshot_seqs(directory)[: -keep or None]:
        (files or Files()).remove(snapshot_path(directory, seq))


def read_snapshot(directory: Path, seq: int, public_keys: Collection[bytes]) -> Snapshot:
    """Read a snapshot and check that one of the facility's keys signed every byte of it.

    Raises: SnapshotError, ReadFailedError.
    """
    path = snapshot_path(directory, seq)
    try:
        with reading(path, "read the snapshot"):
            fd = open_plain(path)
            try:
                snapshot = _read(path, fd, seq, public_keys)
            finally:
                os.close(fd)
    except NotAPlainFileError as error:
        raise SnapshotError(path, expected=error.expected, found=error.found) from error
    if sha256(snapshot.state).digest() != snapshot.statement.state_digest:
        expected = f"a state with digest {snapshot.statement.state_digest.hex()}"
        raise SnapshotError(path, expected=expected, found=sha256(snapshot.state).hexdigest())
    return snapshot


def read_statement(directory: Path, seq: int, public_keys: Collection[bytes]) -> Statement:
    """Read a snapshot's statement alone, and check that one of the facility's keys signed it: cheap at any size.

    Raises: SnapshotError, ReadFailedError.
    """
    path = snapshot_path(directory, seq)
    try:
        with reading(path, "read the snapshot's statement"):
            fd = open_plain(path)
            try:
                return _signed_statement(path, fd, seq, public_keys)
            finally:
                os.close(fd)
    except NotAPlainFileError as error:
        raise SnapshotError(path, expected=error.expected, found=error.found) from error


def _signed_statement(path: Path, fd: int, seq: int, public_keys: Collection[bytes]) -> Statement:
    """Read the statement that stands before the state."""
    head = read_fully(fd, 0, _FRONTIER_AT)
    if len(head) < _FRONTIER_AT or head[:SNAPSHOT_HEADER_SIZE] != SNAPSHOT_HEADER:
        found = f"{os.fstat(fd).st_size} other bytes"
        raise SnapshotError(path, expected=f"a snapshot of format {FORMAT}", found=found)
    statement = _statement(path, head[SNAPSHOT_HEADER_SIZE:])
    if statement.seq != seq or not any(statement.is_signed_by(key) for key in public_keys):
        raise SnapshotError(path, expected=f"a statement on command {seq}, signed by the facility", found="another one")
    return statement


def _read(path: Path, fd: int, seq: int, public_keys: Collection[bytes]) -> Snapshot:
    """Read the statement first; the rest is only read when the file has the length that was signed for."""
    size = os.fstat(fd).st_size
    statement = _signed_statement(path, fd, seq, public_keys)
    state_at = _FRONTIER_AT + statement.tree_size.bit_count() * HASH_SIZE
    if size != state_at + statement.state_bytes:
        raise SnapshotError(path, expected=f"{state_at + statement.state_bytes} bytes", found=f"{size} bytes")
    hashes = read_fully(fd, _FRONTIER_AT, state_at - _FRONTIER_AT)
    frontier = tuple(hashes[at : at + HASH_SIZE] for at in range(0, len(hashes), HASH_SIZE))
    root = Frontier(statement.tree_size, frontier).root()
    if root != statement.tree_root:
        raise SnapshotError(path, expected=f"a tree with root {statement.tree_root.hex()}", found=root.hex())
    return Snapshot(statement, frontier, b"".join(_chunks(fd, state_at, statement.state_bytes)))


def _statement(path: Path, data: bytes) -> Statement:
    """Return the statement of a snapshot."""
    try:
        return Statement.unpack(data)
    except ValueError as error:
        raise SnapshotError(path, expected="a signed statement", found=str(error)) from error


def _chunks(fd: int, offset: int, size: int) -> list[bytes]:
    """Read a state piece by piece."""
    return [read_fully(fd, offset + at, min(_CHUNK, size - at)) for at in range(0, size, _CHUNK)]
