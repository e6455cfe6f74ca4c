"""The start: load the newest signed snapshot, replay what follows, and make it durable before anything is built on it.

A torn tail is cut, or its hash is finished, and the start says so. The caller holds the lock.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from tarazy.domain.engine import Engine
from tarazy.journal.allocation import spare_path
from tarazy.journal.errors import SnapshotError, TornTailError
from tarazy.journal.files import Files
from tarazy.journal.frame import Frame, FrameKind, Position
from tarazy.journal.keys import keys_folder, missing_key_error
from tarazy.journal.merkle import Frontier
from tarazy.journal.reader import JournalReader
from tarazy.journal.replay import engine_at, replayed
from tarazy.journal.rotation import rotated_key
from tarazy.journal.settle import settle
from tarazy.journal.snapshots import left_overs, snapshot_seqs
from tarazy.journal.verify import unknown_snapshot_error

Progress = Callable[[int], None]


@dataclass
class RecoveryReport:
    """What a start found: where it began, what it replayed and what it cut.

    `public_key` is the key with which the facility signs from here on; `tree` is over all frames; `unsigned_commands`
    and `unsigned_frames` are those that no head covers.
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

    def take(self, frame: Frame, events: bytes) -> None:
        """Count a frame, take it into the tree, and note a key that the facility has rotated to."""
        self.public_key = rotated_key(events) or self.public_key
        self.tree.append(frame.frame_hash)
        self.frames += 1
        self.commands += frame.header.command_count
        if frame.header.kind == FrameKind.head:
            self.unsigned_commands = self.unsigned_frames = 0
        else:
            self.unsigned_commands += frame.header.command_count
            self.unsigned_frames += 1


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
    report = RecoveryReport()
    engine, reader = _newest_state(directory, engine_type, report, own_keys or ())
    _replay(engine, reader, report, progress)
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


def _newest_state(
    directory: Path, engine_type: type[Engine], report: RecoveryReport, public_keys: Collection[bytes]
) -> tuple[Engine, JournalReader]:
    """Return the engine of the newest snapshot that is as it was signed, or an empty one."""
    for seq in reversed(snapshot_seqs(directory)):
        try:
            engine, reader, report.tree, report.public_key = engine_at(directory, engine_type, seq, public_keys)
        except SnapshotError as error:
            report.notices.append(f"A snapshot was passed over. {error}")
            continue
        report.snapshot_seq = seq
        return engine, reader
    engine, reader, report.tree, report.public_key = engine_at(directory, engine_type, 0)
    return engine, reader


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
