"""The start: load the newest signed snapshot, replay what follows, and make it durable before anything is built on it.

A torn tail is cut, or its hash is finished, and the start says so. The caller holds the lock.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from tarazy.domain.engine import Engine
from tarazy.journal.allocation import spare_path
from tarazy.journal.errors import ReplayDivergedError, SnapshotError, TornTailError
from tarazy.journal.files import Files
from tarazy.journal.frame import Frame, FrameKind, Position
from tarazy.journal.keys import keys_folder, missing_key_error
from tarazy.journal.merkle import Frontier
from tarazy.journal.reader import JournalReader
from tarazy.journal.replay import engine_at, replayed
from tarazy.journal.rotation import rotated_key
from tarazy.journal.settle import settle
from tarazy.journal.snapshots import left_overs, snapshot_seqs
from tarazy.journal.statement import Statement
from tarazy.journal.verify import unknown_snapshot_error

Progress = Callable[[int], None]


@dataclass
class RecoveryReport:
    """What a start found: where it began, what it replayed and what it cut.

    `public_key` is the key with which the facility signs from here on; `tree` is over all frames; `unsigned_commands`
    and `unsigned_frames` are those that no head covers. `unconfirmed` is the statement of the snapshot, until the
    journal has shown it.
    """

    snapshot_seq: int = 0
    frames: int = 0
    commands: int = 0
    torn: TornTailError | None = None
    public_key: bytes = b""
    tree: Frontier = field(default_factory=Frontier)
    unsigned_commands: int = 0
    unsigned_frames: int = 0
    notices: list[str] = field(default_factory=list)
    unconfirmed: Statement | None = None

    def take(self, frame: Frame, events: bytes) -> None:
        """Count a frame, take it into the tree, and note a key that the facility has rotated to."""
        self.public_key = rotated_key(events) or self.public_key
        self.tree.append(frame.frame_hash)
        self.frames += 1
        self.commands += frame.header.command_count
        if frame.header.kind == FrameKind.statement and self.unconfirmed is not None:
            self._confirm(frame, self.unconfirmed)
        if frame.header.kind == FrameKind.head:
            self.unsigned_commands = self.unsigned_frames = 0
        else:
            self.unsigned_commands += frame.header.command_count
            self.unsigned_frames += 1

    def _confirm(self, frame: Frame, statement: Statement) -> None:
        """Take the snapshot for the journal's own: the same statement stands here, signed by the key that counts."""
        if frame.commands == statement.pack() and statement.is_signed_by(self.public_key):
            self.unconfirmed = None


def recover(
    directory: Path,
    engine_type: type[Engine],
    files: Files,
    progress: Progress | None = None,
    own_keys: Collection[bytes] | None = None,
) -> tuple[Engine, Position, RecoveryReport]:
    """Return the engine in the journal's last state and the position where the journal goes on, all of it durable.

    `own_keys` are the public keys whose private ones are here: nothing is written into a folder whose facility signs
    with another; None = any.
    Raises: DamageError for everything that is not a torn tail, NotAFacilityError; then nothing was changed.
    """
    engine, reader, report = _replay_newest(directory, engine_type, progress, own_keys or ())
    _check_not_shortened(directory, reader.position)
    if own_keys is not None and report.public_key not in own_keys:
        raise missing_key_error(keys_folder(directory), report.public_key)
    for left_over in (spare_path(directory), *left_overs(directory)):
        files.remove(left_over)
    if report.torn is not None and report.torn.hash_end:
        _finish(directory, report.torn, reader, files)
        reader = JournalReader(directory, start=reader.position, identity=reader.identity)
        _replay(engine, reader, report, progress)
    else:
        settle(files, directory, reader.identity, reader.place)
    _notice(report)
    return engine, reader.position, report


def _replay_newest(
    directory: Path, engine_type: type[Engine], progress: Progress | None, public_keys: Collection[bytes]
) -> tuple[Engine, JournalReader, RecoveryReport]:
    """Return the engine at the journal's end, from the newest snapshot that is the journal's own, or from nothing.

    A snapshot proves only that a key of the facility signed it, and a key that was rotated away is such a key too. It
    is the journal's own where its statement stands behind its mark, signed by the key that counts there.
    """
    notices: list[str] = []
    for seq in (*reversed(snapshot_seqs(directory)), 0):
        try:
            start = engine_at(directory, engine_type, seq, public_keys if seq else ())
        except SnapshotError as error:
            notices.append(f"A snapshot was passed over. {error}")
            continue
        report = RecoveryReport(seq, public_key=start.public_key, tree=start.tree, unconfirmed=start.statement)
        try:
            _replay(start.engine, start.reader, report, progress)
        except ReplayDivergedError:
            if report.unconfirmed is None:
                raise
        if report.unconfirmed is None:
            break
        unknown = unknown_snapshot_error(directory, seq, start.reader.position.next_seq - 1)
        notices.append(f"A snapshot was passed over. {unknown}")
    report.notices = notices
    return start.engine, start.reader, report


def _replay(engine: Engine, reader: JournalReader, report: RecoveryReport, progress: Progress | None) -> None:
    """Replay what the reader gives; a torn tail ends it."""
    try:
        for frame, events in replayed(reader.directory, reader, engine):
            report.take(frame, events)
            if progress is not None:
                progress(report.commands)
    except TornTailError as torn:
        report.torn = torn


def _finish(directory: Path, torn: TornTailError, reader: JournalReader, files: Files) -> None:
    """Write the end of the last frame's hash, of which a crash left only the beginning."""
    place = reader.place._replace(offset=torn.hash_end_at)
    settle(files, directory, reader.identity, place, torn.hash_end)


def _check_not_shortened(directory: Path, position: Position) -> None:
    """Refuse a journal that ends before a snapshot: a snapshot is only written when its statement is durable."""
    newest = max(snapshot_seqs(directory), default=0)
    if newest >= position.next_seq:
        raise unknown_snapshot_error(directory, newest, position.next_seq - 1)


def _notice(report: RecoveryReport) -> None:
    """Say what was done about a torn frame."""
    torn = report.torn
    if torn is None:
        return
    if torn.hash_end:
        report.notices.append(f"Frame {torn.frame} lacked the end of its hash and was finished: {torn.place}.")
        return
    report.notices.append(
        f"Frame {torn.frame} was torn by a crash and is cut off: {torn.place}. Nobody was told about its commands."
    )
