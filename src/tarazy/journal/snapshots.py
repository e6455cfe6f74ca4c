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
from collections import deque
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tarazy.domain.engine import Engine
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
_PIECE = 1 << 20


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


class StoredSnapshot(NamedTuple):
    """An open snapshot whose statement is signed by the facility; its state is still to be read."""

    statement: Statement
    tree: Frontier
    path: Path
    fd: int
    state_at: int

    def pieces(self) -> Iterator[bytes]:
        """Iterate over the state piece by piece.

        Raises: SnapshotError at its end where it is not the state that was signed for; ReadFailedError.
        """
        digest, size = sha256(), self.statement.state_bytes
        for at in range(0, size, _PIECE):
            with reading(self.path, "read the snapshot"):
                piece = read_fully(self.fd, self.state_at + at, min(_PIECE, size - at))
            digest.update(piece)
            yield piece
        if digest.digest() != self.statement.state_digest:
            expected = f"a state with digest {self.statement.state_digest.hex()}"
            raise SnapshotError(self.path, expected=expected, found=digest.hexdigest())

    def restore(self, engine_type: type[Engine]) -> Engine:
        """Return an engine in the state, of which no more than a piece is in memory beside it.

        Raises: as `pieces`; ValueError where the state that was signed for is none that the engine can be in.
        """
        pieces = self.pieces()
        try:
            return engine_type.restore_pieces(pieces)
        except ValueError:
            deque(pieces, maxlen=0)  # another state than the signed one is said to be that
            raise


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
    with open_snapshot(directory, seq, public_keys) as stored:
        return Snapshot(stored.statement, stored.tree.hashes, b"".join(stored.pieces()))


@contextmanager
def open_snapshot(directory: Path, seq: int, public_keys: Collection[bytes]) -> Iterator[StoredSnapshot]:
    """Open a snapshot: check that one of the facility's keys signed its statement, its tree and its length.

    Raises: SnapshotError, ReadFailedError.
    """
    path = snapshot_path(directory, seq)
    with _opened(path, "read the snapshot") as fd:
        with reading(path, "read the snapshot"):
            stored = _stored(path, fd, seq, public_keys)
        yield stored


def read_statement(directory: Path, seq: int, public_keys: Collection[bytes]) -> Statement:
    """Read a snapshot's statement alone, and check that one of the facility's keys signed it: cheap at any size.

    Raises: SnapshotError, ReadFailedError.
    """
    path = snapshot_path(directory, seq)
    doing = "read the snapshot's statement"
    with _opened(path, doing) as fd, reading(path, doing):
        return _signed_statement(path, fd, seq, public_keys)


@contextmanager
def _opened(path: Path, doing: str) -> Iterator[int]:
    """Give the descriptor of a snapshot that is a plain file."""
    try:
        with reading(path, doing):
            fd = open_plain(path)
    except NotAPlainFileError as error:
        raise SnapshotError(path, expected=error.expected, found=error.found) from error
    try:
        yield fd
    finally:
        os.close(fd)


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


def _stored(path: Path, fd: int, seq: int, public_keys: Collection[bytes]) -> StoredSnapshot:
    """Read the statement first; the rest is only read when the file has the length that was signed for."""
    size = os.fstat(fd).st_size
    statement = _signed_statement(path, fd, seq, public_keys)
    state_at = _FRONTIER_AT + statement.tree_size.bit_count() * HASH_SIZE
    if size != state_at + statement.state_bytes:
        raise SnapshotError(path, expected=f"{state_at + statement.state_bytes} bytes", found=f"{size} bytes")
    hashes = read_fully(fd, _FRONTIER_AT, state_at - _FRONTIER_AT)
    frontier = tuple(hashes[at : at + HASH_SIZE] for at in range(0, len(hashes), HASH_SIZE))
    tree = Frontier(statement.tree_size, frontier)
    if tree.root() != statement.tree_root:
        raise SnapshotError(path, expected=f"a tree with root {statement.tree_root.hex()}", found=tree.root().hex())
    return StoredSnapshot(statement, tree, path, fd, state_at)


def _statement(path: Path, data: bytes) -> Statement:
    """Return the statement of a snapshot."""
    try:
        return Statement.unpack(data)
    except ValueError as error:
        raise SnapshotError(path, expected="a signed statement", found=str(error)) from error
