"""Checkpoints: the state's digest and the liabilities' root, signed into the journal, and the state as a snapshot."""

from __future__ import annotations

import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tarazy.domain.records import RECORD_SIZE, CheckpointMarked, EventKind, TakeCheckpoint
from tarazy.facility.sequencer.errors import CheckpointRefusedError
from tarazy.facility.sequencer.log import Log
from tarazy.facility.sequencer.submission import Checkpoint, Receipt, Submission
from tarazy.journal.files import Files
from tarazy.journal.frame import EMPTY_DIGEST, FrameKind
from tarazy.journal.identity import Identity
from tarazy.journal.snapshots import Snapshot, SnapshotHeader, remove_old_snapshots, write_snapshot
from tarazy.journal.statement import Statement
from tarazy.journal.writer import Written

Store = Callable[[Snapshot], None]


class Checkpointer:
    """Sign statements as frames of the log, and store snapshots beside it."""

    def __init__(self, log: Log, identity: Identity, key: Ed25519PrivateKey, store: Store) -> None:
        self._log = log
        self._identity = identity
        self._key = key
        self._store = store
        self._threads: list[threading.Thread] = []

    def sign(self, written: Written, commands: bytes, events: bytes, state: bytes, root: bytes) -> Checkpoint | None:
        """Append the signed statement on the frame that was just written; None when the engine refused."""
        event = events[-RECORD_SIZE:]
        if int.from_bytes(event[:2], "little") != EventKind.checkpoint_marked:
            return None
        marked = CheckpointMarked.unpack(event)
        command = TakeCheckpoint.unpack(commands, len(commands) - RECORD_SIZE)
        statement = self._statement(written, marked.seq, command.ts_ns, sha256(state).digest(), root)
        place = self._log.append(
            FrameKind.statement, statement.pack(), command_count=0, event_count=0, events_digest=EMPTY_DIGEST
        )
        return Checkpoint(statement, Snapshot(_snapshot_header(statement, place, len(state)), state))

    def _statement(self, written: Written, seq: int, ts_ns: int, state_digest: bytes, root: bytes) -> Statement:
        """Return the signed statement."""
        return Statement(
            self._identity.facility_id,
            seq,
            written.header.frame_number,
            written.frame_hash,
            state_digest,
            root,
            ts_ns,
            self._identity.edition,
        ).signed(self._key)

    def store(self, submission: Submission, receipt: Receipt) -> None:
        """Store the snapshot in a thread of its own, so that a large one holds nobody up, then answer the caller."""
        if submission.checkpoint is None:
            submission.fail(CheckpointRefusedError())
            return
        arguments = (submission.checkpoint.snapshot, submission, receipt)
        thread = threading.Thread(target=self._store_and_answer, args=arguments, name="tarazy-snapshot")
        self._threads = [*(known for known in self._threads if known.is_alive()), thread]
        thread.start()

    def _store_and_answer(self, snapshot: Snapshot, submission: Submission, receipt: Receipt) -> None:
        """Store, and tell the caller; a snapshot that is not stored only makes the next start slower."""
        try:
            self._store(snapshot)
        except Exception as error:
            submission.fail(error)
        else:
            submission.future.set_result(receipt)

    def close(self) -> None:
        """Wait for snapshots that are being stored."""
        for thread in self._threads:
            thread.join()


def folder_store(directory: Path, files: Files, keep: int | None) -> Store:
    """Return what stores snapshots in the facility's folder and keeps the newest `keep` of them (None: all)."""

    def store(snapshot: Snapshot) -> None:
        write_snapshot(directory, snapshot, files=files)
        if keep is not None:
            remove_old_snapshots(directory, keep, files=files)

    return store


def _snapshot_header(statement: Statement, place: Written, state_bytes: int) -> SnapshotHeader:
    """Return the header of the snapshot that a statement speaks of."""
    return SnapshotHeader(
        statement.edition,
        statement.seq,
        place.segment,
        place.offset,
        place.header.frame_number,
        place.header.prev_hash,
        statement.facility_id,
        state_bytes,
        statement.state_digest,
    )
