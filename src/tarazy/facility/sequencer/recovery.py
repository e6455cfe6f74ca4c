"""The start: lock the folder, load the newest signed snapshot, replay what follows, cut a torn tail and say so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tarazy.domain.engine import Engine
from tarazy.journal.allocation import spare_path
from tarazy.journal.errors import SnapshotError, TornTailError
from tarazy.journal.files import Files
from tarazy.journal.frame import Position
from tarazy.journal.reader import JournalReader
from tarazy.journal.replay import engine_at, replayed
from tarazy.journal.segment import read_segment_header
from tarazy.journal.snapshots import snapshot_seqs
from tarazy.journal.verify import unknown_snapshot_error
from tarazy.journal.writer import cut_torn_tail

Progress = Callable[[int], None]


@dataclass
class RecoveryReport:
    """What a start found: where it began, what it replayed and what it cut."""

    snapshot_seq: int = 0
    frames: int = 0
    commands: int = 0
    torn: TornTailError | None = None
    notices: list[str] = field(default_factory=list)


def recover(
    directory: Path, engine_type: type[Engine], files: Files, progress: Progress | None = None
) -> tuple[Engine, Position, RecoveryReport]:
    """Return the engine in the journal's last state and the position where the journal goes on.

    Raises: DamageError for everything that is not a torn tail; then nothing was changed.
    """
    report = RecoveryReport()
    engine, reader = _newest_state(directory, engine_type, report)
    try:
        for frame, _ in replayed(directory, reader, engine):
            report.frames += 1
            report.commands += frame.header.command_count
            if progress is not None:
                progress(report.commands)
    except TornTailError as torn:
        report.torn = torn
    _check_not_shortened(directory, reader.position)
    if report.torn is not None:
        _cut(directory, report, files)
    for left_over in (spare_path(directory), *(directory / "snapshots").glob("*.new")):
        files.remove(left_over)
    return engine, reader.position, report


def _newest_state(directory: Path, engine_type: type[Engine], report: RecoveryReport) -> tuple[Engine, JournalReader]:
    """Return the engine of the newest snapshot that is as it was signed, or an empty one."""
    for seq in reversed(snapshot_seqs(directory)):
        try:
            engine, reader = engine_at(directory, engine_type, seq)
        except SnapshotError as error:
            report.notices.append(f"A snapshot was passed over. {error}")
            continue
        report.snapshot_seq = seq
        return engine, reader
    return engine_at(directory, engine_type, 0)


def _check_not_shortened(directory: Path, position: Position) -> None:
    """Refuse a journal that ends before a snapshot: a snapshot is only written when its checkpoint is durable."""
    newest = max(snapshot_seqs(directory), default=0)
    if newest >= position.next_seq:
        raise unknown_snapshot_error(directory, newest, position.next_seq - 1)


def _cut(directory: Path, report: RecoveryReport, files: Files) -> None:
    """Cut the torn frame and say so."""
    torn = report.torn
    if torn is None:
        return
    segment_bytes = read_segment_header(directory, torn.segment or 1).segment_bytes
    cut_torn_tail(torn, segment_bytes, files=files)
    report.notices.append(
        f"Frame {torn.frame} was torn by a crash and is cut off: {torn.place}. Nobody was told about its commands."
    )
