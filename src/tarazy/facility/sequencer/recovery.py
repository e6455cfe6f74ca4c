"""The start: load the newest signed snapshot, replay what follows, cut or finish a torn tail, make all of it durable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tarazy.domain.engine import Engine
from tarazy.journal.allocation import spare_path
from tarazy.journal.errors import DamageError, TornTailError
from tarazy.journal.files import Files
from tarazy.journal.frame import Frame, FrameKind, Position, decode_header
from tarazy.journal.identity import Identity
from tarazy.journal.merkle import Frontier
from tarazy.journal.reader import JournalReader
from tarazy.journal.replay import check_edition, replayed
from tarazy.journal.segment_file import SegmentFile
from tarazy.journal.settle import settle
from tarazy.journal.snapshots import read_snapshot, snapshot_seqs
from tarazy.journal.tail import Place
from tarazy.journal.verify import unknown_snapshot_error

Progress = Callable[[int], None]


@dataclass
class RecoveryReport:
    """What a start found: where it began, what it replayed and what it cut."""

    snapshot_seq: int = 0
    frames: int = 0
    commands: int = 0
    torn: TornTailError | None = None
    notices: list[str] = field(default_factory=list)


class Recovered(NamedTuple):
    """The journal's last state: the engine, where the journal goes on, and the tree with what no head covers yet."""

    engine: Engine
    position: Position
    frontier: Frontier
    unsigned_commands: int
    unsigned_frames: int
    report: RecoveryReport


class Recovery:
    """One start, step by step."""

    def __init__(self, directory: Path, identity: Identity, engine_type: type[Engine], files: Files) -> None:
        self._directory, self._identity = directory, identity
        self._engine_type, self._files = engine_type, files
        self.report = RecoveryReport()
        self.engine: Engine = engine_type()
        self.frontier = Frontier()
        self.unsigned_commands = self.unsigned_frames = 0

    def newest_state(self) -> JournalReader:
        """Take the state of the newest snapshot that proves itself, or an empty one; return what follows it."""
        for seq in reversed(snapshot_seqs(self._directory)):
            try:
                snapshot = read_snapshot(self._directory, seq, {self._identity.public_key})
                reader = self._reader(snapshot.statement.next_position)
                self.engine = self._engine_type.restore(snapshot.state)
            except (DamageError, ValueError) as error:
                self.report.notices.append(f"A snapshot was passed over. {error}")
                continue
            self.report.snapshot_seq, self.frontier = seq, snapshot.tree
            return reader
        return self._reader(None)

    def _reader(self, start: Position | None) -> JournalReader:
        return JournalReader(self._directory, start=start, identity=self._identity)

    def replay(self, reader: JournalReader, progress: Progress | None) -> TornTailError | None:
        """Apply what follows; return how it ended when that was torn."""
        try:
            for frame, _ in replayed(self._directory, reader, self.engine):
                self._take(frame)
                if progress is not None:
                    progress(self.report.commands)
        except TornTailError as torn:
            return torn
        return None

    def _take(self, frame: Frame) -> None:
        """Take a frame into the tree and the counts."""
        self.report.frames += 1
        self.report.commands += frame.header.command_count
        self.frontier.append(frame.frame_hash)
        self.unsigned_frames += 1
        self.unsigned_commands += frame.header.command_count
        if frame.header.kind == FrameKind.head:
            self.unsigned_commands = self.unsigned_frames = 0

    def finish_hash(self, torn: TornTailError) -> None:
        """Write the bytes that the hash of the last frame lacks; all before them is there."""
        segment, offset = torn.segment or 1, torn.cut_from
        with SegmentFile(torn.path) as file:
            header = decode_header(file.read(offset, 176))
        if header is None:
            raise torn
        place = Place(segment, offset + header.frame_bytes - len(torn.hash_end))
        settle(self._files, self._directory, self._identity, place, torn.hash_end)
        self.report.notices.append(f"The hash of frame {torn.frame} was cut off by a crash and is finished: {torn.place}.")

    def check_not_shortened(self, position: Position) -> None:
        """Refuse a journal that ends before a snapshot: one gets its name only when its statement is durable."""
        newest = max(snapshot_seqs(self._directory), default=0)
        if newest >= position.next_seq:
            raise unknown_snapshot_error(self._directory, newest, position.next_seq - 1)

    def settle(self, reader: JournalReader, torn: TornTailError | None) -> None:
        """Make durable what was read, without what was torn, and remove what crashes have left behind."""
        if torn is not None:
            self.report.torn = torn
            self.report.notices.append(
                f"Frame {torn.frame} was torn by a crash and is cut off: {torn.place}. Nobody was told about it."
            )
        settle(self._files, self._directory, self._identity, reader.place)
        for left_over in (spare_path(self._directory), *(self._directory / "snapshots").glob("*.new")):
            self._files.remove(left_over)


def recover(
    directory: Path, identity: Identity, engine_type: type[Engine], files: Files, progress: Progress | None = None
) -> Recovered:
    """Return the journal's last state; what the start builds on is durable when this returns.

    Raises: DamageError for everything that is not a torn tail; then nothing was changed. WrongEditionError.
    """
    start = Recovery(directory, identity, engine_type, files)
    check_edition(directory, identity, start.engine)
    reader = start.newest_state()
    torn = start.replay(reader, progress)
    while torn is not None and torn.hash_end:
        start.finish_hash(torn)
        reader = start._reader(reader.position)
        torn = start.replay(reader, progress)
    start.check_not_shortened(reader.position)
    start.settle(reader, torn)
    return Recovered(
        start.engine,
        reader.position,
        start.frontier,
        start.unsigned_commands,
        start.unsigned_frames,
        start.report,
    )
