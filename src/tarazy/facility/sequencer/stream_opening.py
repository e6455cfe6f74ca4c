"""Open a facility whose frames are in a stream; its folder holds the identity and the snapshots, the keys lie beside.

The state comes from the newest snapshot that the facility signed and from the stream's frames behind it. The folder's
lock keeps a second writer off on this machine, the stream's checks everywhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Unpack

from tarazy.domain.engine import Engine
from tarazy.facility.sequencer.log import Log
from tarazy.facility.sequencer.opening import assemble
from tarazy.facility.sequencer.recovery import RecoveryReport
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.facility.sequencer.settings import Options, Settings
from tarazy.facility.sequencer.stream import StreamSettings
from tarazy.facility.sequencer.stream_log import StreamLog
from tarazy.facility.sequencer.stream_reader import StreamReader
from tarazy.journal.errors import SnapshotError
from tarazy.journal.files import Files
from tarazy.journal.frame import Position
from tarazy.journal.identity import Identity
from tarazy.journal.lock import FolderLock
from tarazy.journal.replay import check_edition, replayed
from tarazy.journal.segment import genesis
from tarazy.journal.snapshots import read_snapshot, snapshot_seqs

Progress = Callable[[int], None]


def open_on_stream(
    directory: Path,
    engine_type: type[Engine],
    stream: StreamSettings,
    *,
    files: Files | None = None,
    progress: Progress | None = None,
    **options: Unpack[Options],
) -> Sequencer:
    """Open a facility's folder and its stream: recover the state and go on writing where the stream ends.

    Raises: FolderInUseError, DamageError, StorageError, StreamUnreachableError, StreamFencedError.
    """
    directory, files, settings = Path(directory), files or Files(), Settings(**options)

    def open_log(identity: Identity, lock: FolderLock) -> tuple[Engine, Log, RecoveryReport]:
        engine, position, report = recover_from_stream(directory, identity, engine_type, stream, progress)
        return engine, StreamLog(stream, identity, position), report

    parts = assemble(directory, files, settings, open_log)
    sequencer = Sequencer(
        parts.identity.facility_id,
        parts.engine,
        parts.log,
        parts.heads,
        parts.checkpointer,
        settings,
        recovery=parts.report,
        on_close=parts.lock.release,
    )
    if isinstance(parts.log, StreamLog):
        parts.log.tell_failure(sequencer.stop)
    return sequencer


def recover_from_stream(
    directory: Path,
    identity: Identity,
    engine_type: type[Engine],
    stream: StreamSettings,
    progress: Progress | None = None,
) -> tuple[Engine, Position, RecoveryReport]:
    """Return the engine in the stream's last state and the position where it goes on.

    Raises: DamageError, ReplayDivergedError, StreamUnreachableError.
    """
    report = RecoveryReport()
    engine, start = _newest_state(directory, identity, engine_type, report)
    check_edition(directory, identity, engine)
    with StreamReader(stream, identity, start=start) as reader:
        for frame, _ in replayed(directory, reader, engine):
            report.take(frame)
            if progress is not None:
                progress(report.commands)
        return engine, reader.position, report


def _newest_state(
    directory: Path, identity: Identity, engine_type: type[Engine], report: RecoveryReport
) -> tuple[Engine, Position]:
    """Return the engine of the newest snapshot that is as it was signed, or an empty one, and what follows it."""
    for seq in reversed(snapshot_seqs(directory)):
        try:
            snapshot = read_snapshot(directory, seq, {identity.public_key})
        except SnapshotError as error:
            report.notices.append(f"A snapshot was passed over. {error}")
            continue
        if snapshot.statement.facility_id == identity.facility_id:
            report.snapshot_seq, report.tree = seq, snapshot.tree
            return engine_type.restore(snapshot.state), snapshot.statement.next_position
    return engine_type(), genesis(identity)
