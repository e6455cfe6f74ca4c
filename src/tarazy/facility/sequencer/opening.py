"""Open a facility for writing: lock, identity, key and recovered state, and the parts of a sequencer made of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tarazy.domain.engine import Engine
from tarazy.domain.records import RECORD_SIZE, EventKind
from tarazy.facility.sequencer.checkpoint import Checkpointer
from tarazy.facility.sequencer.errors import EngineMismatchError
from tarazy.facility.sequencer.heads import Heads
from tarazy.facility.sequencer.log import Log
from tarazy.facility.sequencer.recovery import RecoveryReport, recover
from tarazy.facility.sequencer.settings import Settings
from tarazy.facility.sequencer.signer import FacilitySigner
from tarazy.facility.sequencer.snapshot_store import SnapshotStore
from tarazy.journal.errors import FolderInUseError
from tarazy.journal.files import Files
from tarazy.journal.frame import FrameDraft, FrameKind
from tarazy.journal.genesis import genesis_commands
from tarazy.journal.identity import Identity, load_identity
from tarazy.journal.keys import load_signing_key, own_public_keys
from tarazy.journal.lock import FolderLock
from tarazy.journal.writer import JournalWriter

LOCK_WAIT_S = 0.2


class Parts(NamedTuple):
    """What a sequencer is made of."""

    identity: Identity
    engine: Engine
    log: Log
    heads: Heads
    checkpointer: Checkpointer
    report: RecoveryReport
    lock: FolderLock


class Recovered(NamedTuple):
    """What a start has read, and how the log goes on from there."""

    engine: Engine
    report: RecoveryReport
    open_log: Callable[[FolderLock], Log]


Recover = Callable[[Identity, set[bytes]], Recovered]


def open_parts(
    directory: Path,
    engine_type: type[Engine],
    files: Files,
    settings: Settings,
    progress: Callable[[int], None] | None,
) -> Parts:
    """Lock the folder, recover what is in it and return the parts; the lock is released when that fails.

    Raises: FolderInUseError, DamageError, StorageError.
    """

    def recover_files(identity: Identity, own_keys: set[bytes]) -> Recovered:
        engine, position, report = recover(directory, engine_type, files, progress, own_keys)

        def open_log(lock: FolderLock) -> Log:
            return JournalWriter(directory, identity, position, tree=report.tree.copy(), lock=lock, files=files)

        return Recovered(engine, report, open_log)

    return assemble(directory, files, settings, recover_files)


def assemble(directory: Path, files: Files, settings: Settings, recover_log: Recover) -> Parts:
    """Lock the folder, recover from whatever log there is, and return the parts; a failure releases the lock.

    `recover_log` gets the public keys whose private ones are here.
    Raises: FolderInUseError, DamageError, StorageError.
    """
    identity = load_identity(directory)
    own_keys = own_public_keys(directory)
    lock = take_lock(directory)
    try:
        engine, report, open_log = recover_log(identity, own_keys)
        key = load_signing_key(directory, identity, report.public_key)
        log = open_log(lock)
    except BaseException:
        lock.release()
        raise
    signer = FacilitySigner(key, partial(load_signing_key, directory, identity))
    heads = Heads(
        identity.facility_id,
        signer,
        report.tree,
        unsigned_commands=report.unsigned_commands,
        unsigned_frames=report.unsigned_frames,
        commands_max=settings.head_commands_max,
        interval_s=settings.head_interval_s,
    )
    checkpointer = Checkpointer(
        identity,
        signer,
        SnapshotStore(directory, files, settings.snapshots_keep),
        timeout_s=settings.checkpoint_timeout_s,
        write_bytes_per_s=settings.snapshot_bytes_per_s,
    )
    try:
        write_genesis(identity, engine, log, heads)
    except BaseException:
        log.close()
        lock.release()
        raise
    return Parts(identity, engine, log, heads, checkpointer, report, lock)


def write_genesis(identity: Identity, engine: Engine, log: Log, heads: Heads) -> None:
    """Write the first frame of a new journal: the facility's key and the officers of the signed identity, nothing else.

    Raises: EngineMismatchError where the engine refuses one of them; then nothing was written. StorageError.
    """
    commands = genesis_commands(identity)
    if not commands or log.position.frame_number > 1:
        return
    events = engine.apply(commands)
    kinds = {int.from_bytes(events[at : at + 2], "little") for at in range(0, len(events), RECORD_SIZE)}
    if kinds != {EventKind.facility_key_rotated, EventKind.officer_registered}:
        raise EngineMismatchError(
            "a key and officers that the engine registers", f"events of the kinds {sorted(kinds)}"
        )
    count = len(commands) // RECORD_SIZE
    draft = FrameDraft(
        FrameKind.commands,
        commands,
        event_count=len(events) // RECORD_SIZE,
        events_digest=sha256(events).digest(),
        command_count=count,
    )
    log.append(draft, lambda written: heads.add(FrameKind.commands, written))


def take_lock(directory: Path) -> FolderLock:
    """Lock the folder; a child of a writer that was killed may need a moment to let go of it.

    Raises: FolderInUseError, StorageError.
    """
    deadline = time.monotonic() + LOCK_WAIT_S
    while True:
        try:
            return FolderLock(directory)
        except FolderInUseError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
