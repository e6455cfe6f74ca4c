"""Open a facility whose frames are in a stream; its folder holds the identity and the snapshots, the keys lie beside.

The state comes from the newest snapshot that the facility signed and from the stream's frames behind it. The folder's
lock keeps a second writer off on this machine, the stream's checks everywhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Unpack

from tarazy.domain.engine import Engine
from tarazy.facility.sequencer.opening import Recovered, assemble
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
from tarazy.journal.keys import keys_folder, missing_key_error
from tarazy.journal.replay import check_edition, replayed
from tarazy.journal.segment import genesis
from tarazy.journal.snapshots import open_snapshot, snapshot_seqs

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

    def recover_stream(identity: Identity, own_keys: set[bytes]) -> Recovered:
        engine, position, report = recover_from_stream(directory, identity, engine_type, stream, own_keys, progress)
        return Recovered(engine, report, lambda lock: StreamLog(stream, identity, position))

    parts = assemble(directory, files, settings, recover_stream)
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
    own_keys: Collection[bytes],
    progress: Progress | None = None,
) -> tuple[Engine, Position, RecoveryReport]:
    """Return the engine in the stream's last state and the position where it goes on.

    `own_keys` are the public keys whose private ones are here; one of them must be the facility's at the end.
    Raises: NotAFacilityError for another; DamageError, ReplayDivergedError, StreamUnreachableError.
    """
    report = RecoveryReport()
    engine, start = _newest_state(directory, identity, engine_type, report, own_keys)
    check_edition(directory, identity, engine)
    with StreamReader(stream, identity, start=start) as reader:
        for frame, events in replayed(directory, reader, engine):
            report.take(frame, events)
            if progress is not None:
                progress(report.commands)
    if report.public_key not in own_keys:
        raise missing_key_error(keys_folder(directory), report.public_key)
    return engine, reader.position, report


def _newest_state(
    directory: Path, identity: Identity, engine_type: type[Engine], report: RecoveryReport, own_keys: Collection[bytes]
) -> tuple[Engine, Position]:
    """Return the engine of the newest snapshot that is as it was signed, or an empty one, and what follows it."""
    keys = {identity.public_key, *own_keys}
    for seq in reversed(snapshot_seqs(directory)):
        try:
            with open_snapshot(directory, seq, keys) as stored:
                statement = stored.statement
                if statement.facility_id != identity.facility_id:
                    continue
                engine = stored.restore(engine_type)
        except SnapshotError as error:
            report.notices.append(f"A snapshot was passed over. {error}")
            continue
        report.snapshot_seq, report.tree = seq, stored.tree
        report.public_key = next(key for key in sorted(keys) if statement.is_signed_by(key))
        return engine, statement.next_position
    report.public_key = identity.public_key
    return engine_type(), genesis(identity)
