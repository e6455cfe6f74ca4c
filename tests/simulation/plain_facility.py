"""A facility without threads: the log, the start and the signatures as they are, in the order in which a test calls.

Tests of the journal use it where a seed must always give the same run.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from itertools import count
from pathlib import Path
from types import TracebackType

import numpy as np

from tarazy.domain.engine import Engine
from tarazy.domain.records import RECORD_SIZE, TakeCheckpoint
from tarazy.facility.sequencer.recovery import recover
from tarazy.journal.files import Files
from tarazy.journal.frame import FrameDraft, FrameKind, Written
from tarazy.journal.identity import load_identity
from tarazy.journal.keys import load_signing_key, own_public_keys
from tarazy.journal.lock import FolderLock
from tarazy.journal.merkle import Frontier
from tarazy.journal.note import sign_head
from tarazy.journal.snapshots import Snapshot, write_snapshot
from tarazy.journal.statement import Statement
from tarazy.journal.writer import JournalWriter
from tests.simulation.tally_engine import TallyEngine

START_NS = 1_700_000_000_000_000_000


class Unsynced(Files):
    """Files that are not made durable, for tests in which no power is lost."""

    def sync(self, fd: int, path: Path) -> None:
        """Do nothing."""

    def sync_folder(self, path: Path) -> None:
        """Do nothing."""

    def allocate(self, fd: int, path: Path, size: int) -> None:
        """Give the file its size."""
        os.ftruncate(fd, size)


class PlainFacility:
    """Commands in, events out when they are durable."""

    def __init__(
        self,
        directory: Path,
        files: Files | None = None,
        engine_type: type[Engine] = TallyEngine,
        clock_ns: Callable[[], int] | None = None,
    ) -> None:
        self.directory, self._files = directory, files or Files()
        self._clock_ns = count(START_NS).__next__ if clock_ns is None else clock_ns
        self.identity = load_identity(directory)
        own_keys = own_public_keys(directory)
        self._lock = FolderLock(directory)
        try:
            self.engine, position, self.recovery = recover(directory, engine_type, self._files, None, own_keys)
            self.key = load_signing_key(directory, self.identity, self.recovery.public_key)
            tree = self.recovery.tree
            self.log = JournalWriter(directory, self.identity, position, tree=tree, lock=self._lock, files=self._files)
        except BaseException:
            self._lock.release()
            raise

    def execute(self, commands: bytes, *, instructions: bytes = b"", references: bytes = b"") -> bytes:
        """Stamp commands, apply them, write them, and return their events."""
        words = np.frombuffer(commands, "<u8").reshape(-1, RECORD_SIZE // 8).copy()
        words[:, 1] = max(self._clock_ns(), self.engine.last_ts_ns)
        stamped = words.tobytes()
        events = self.engine.apply(stamped)
        digest = sha256(events).digest()
        event_count = len(events) // RECORD_SIZE
        self.append(FrameDraft(FrameKind.commands, stamped, instructions, references, event_count, digest, len(words)))
        return events

    def append(self, draft: FrameDraft) -> Written:
        """Append a frame and return what was written."""
        written: list[Written] = []
        self.log.append(draft, written.append)
        return written[0]

    def mark(self) -> Callable[[], Statement]:
        """Mark a point; what is returned writes the statement and the snapshot on it, now or later."""
        self.execute(TakeCheckpoint().pack())
        position, tree, state = self.log.position, self.log.tree.copy(), self.engine.snapshot()
        statement = Statement(
            self.identity.facility_id,
            position.next_seq - 1,
            position.frame_number - 1,
            position.prev_hash,
            sha256(state).digest(),
            self.engine.liabilities_root(),
            self.engine.last_ts_ns,
            self.engine.edition,
            tree.size,
            len(state),
            tree.root(),
        ).signed(self.key)
        self.statement = statement
        return lambda: self._state(statement, tree, state)

    def _state(self, statement: Statement, tree: Frontier, state: bytes) -> Statement:
        """Write a statement and its snapshot."""
        self.append(statement.draft())
        write_snapshot(self.directory, Snapshot(statement, tree.hashes, state), files=self._files)
        return statement

    def checkpoint(self) -> Statement:
        """Mark a point and sign it at once."""
        return self.mark()()

    def head(self) -> Written:
        """Sign the tree of all frames so far."""
        note = sign_head(self.identity.facility_id, self.log.tree.size, self.log.tree.root(), self.key)
        return self.append(FrameDraft(FrameKind.head, note))

    def close(self) -> None:
        """Let the folder go."""
        try:
            self.log.close()
        finally:
            self._lock.release()

    def __enter__(self) -> PlainFacility:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
