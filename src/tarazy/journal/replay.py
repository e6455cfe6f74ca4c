"""Replay: run an engine over the frames again and compare all that the facility recorded about their effects.

The start of a facility, the export and the book at any number all go through `replayed`; the regulator's check goes
through `replayed_beside`, which hashes beside the engine, and through `replayed` again where something differs.
Signatures are `verify`'s: a replay proves that the effects follow from the commands, not who signed them. Only a replay
knows which rotations of the facility's key were accepted: `check_rotations` compares them with the keys that signed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tarazy.domain.engine import Engine, InvariantBroken
from tarazy.domain.records import RECORD_SIZE
from tarazy.journal.confirm import check_events, check_state, mark_of
from tarazy.journal.errors import (
    BrokenChainError,
    DamageError,
    ReplayDivergedError,
    ShortenedError,
    SnapshotError,
    WrongEditionError,
)
from tarazy.journal.frame import Frame, FrameKind
from tarazy.journal.identity import Identity, load_identity
from tarazy.journal.marks import Marks, is_marked
from tarazy.journal.merkle import Frontier
from tarazy.journal.read_ahead import read_ahead
from tarazy.journal.reader import JournalReader
from tarazy.journal.replay_beside import replayed_beside
from tarazy.journal.rotation import rotated_keys
from tarazy.journal.snapshots import open_snapshot, snapshot_path, snapshot_seqs
from tarazy.journal.statement import Statement

Progress = Callable[[int], None]
Confirmed = Callable[[Path, Iterable[Frame], Engine, Marks], Generator[tuple[Frame, bytes], None, None]]


@dataclass
class ReplayReport:
    """What a replay did; `digest` is SHA-256 of the state at its end, `divergence` the first disagreement.

    `frame_hash` and `root` are the hash of the last frame and the liabilities' root at the end; `rotated_keys` are the
    keys to which the facility rotated.
    """

    engine: str
    first_seq: int
    last_seq: int = 0
    frames: int = 0
    commands: int = 0
    events: int = 0
    statements: int = 0
    heads: int = 0
    frame_hash: bytes = b""
    digest: bytes = b""
    root: bytes = b""
    rotated_keys: list[bytes] = field(default_factory=list)
    divergence: DamageError | None = None

    @property
    def agrees(self) -> bool:
        """Say whether the engine gives what the facility recorded."""
        return self.divergence is None


def replay(directory: Path, engine: Engine, progress: Progress | None = None) -> ReplayReport:
    """Replay a journal from its first command on a new engine.

    `progress(commands)` is called after every frame. Damage and disagreement are returned in the report.
    Raises: WrongEditionError; StorageError; InvariantBroken from the engine.
    """
    reader = JournalReader(directory)
    check_edition(reader.directory, reader.identity, engine)
    return run_replay(reader, engine, lambda: (JournalReader(directory), type(engine)()), progress)


def state_at(
    directory: Path,
    engine_type: type[Engine],
    seq: int,
    progress: Progress | None = None,
    public_keys: Collection[bytes] = (),
) -> Engine:
    """Return an engine in the state just after command `seq`, from the nearest snapshot before it.

    Raises: ShortenedError where the journal ends earlier; DamageError; StorageError.
    """
    directory = Path(directory)
    engine, reader = _nearest(directory, engine_type, seq, public_keys)
    for frame in reader:
        if engine.next_seq > seq:
            break
        wanted = (seq + 1 - frame.header.first_seq) * RECORD_SIZE
        events = engine.apply(frame.commands[:wanted]) if frame.header.command_count else b""
        if 0 < frame.header.command_count * RECORD_SIZE <= wanted:
            check_events(directory, frame, events)
        if progress is not None:
            progress(engine.next_seq - 1)
    if engine.next_seq <= seq:
        found = f"command {engine.next_seq - 1} as the last one"
        raise ShortenedError(directory, what="no such command", expected=f"a journal with command {seq}", found=found)
    return engine


def _nearest(
    directory: Path, engine_type: type[Engine], seq: int, public_keys: Collection[bytes]
) -> tuple[Engine, JournalReader]:
    """Return the engine of the nearest snapshot not behind a command, and its reader; one that is no good is passed."""
    for known in reversed([known for known in snapshot_seqs(directory) if known <= seq]):
        with contextlib.suppress(SnapshotError):
            return engine_at(directory, engine_type, known, public_keys)[:2]
    return engine_at(directory, engine_type, 0)[:2]


def run_replay(
    reader: JournalReader,
    engine: Engine,
    again: Callable[[], tuple[JournalReader, Engine]],
    progress: Progress | None,
    to_seq: int | None = None,
) -> ReplayReport:
    """Replay what the reader gives, up to the mark at `to_seq`, where the signed snapshot must have the same state.

    Where something differs, the engine may be past it: then all is done `again`, frame by frame, up to the difference.
    """
    try:
        report = _follow(reader, engine, replayed_beside, progress, to_seq)
        if not isinstance(report.divergence, ReplayDivergedError):
            return report
    except InvariantBroken:
        pass
    return _follow(*again(), replayed, progress, to_seq)


def _follow(
    reader: JournalReader, engine: Engine, confirmed: Confirmed, progress: Progress | None, to_seq: int | None
) -> ReplayReport:
    """Replay what the reader gives and report it."""
    report = ReplayReport(engine.name, engine.next_seq)
    marks = Marks()
    with closing(read_ahead(reader)) as frames, closing(confirmed(reader.directory, frames, engine, marks)) as pairs:
        try:
            for frame, events in pairs:
                _count(report, frame, events)
                if progress is not None:
                    progress(report.commands)
                if to_seq is not None and frame.header.next_seq > to_seq:
                    break
        except DamageError as divergence:
            report.divergence = divergence
    report.last_seq = engine.next_seq - 1
    mark = marks.newest
    if mark is not None and mark.seq == report.last_seq:
        report.digest, report.root = mark.state_digest, mark.liabilities_root
    else:
        report.digest, report.root = engine.state_digest(), engine.liabilities_root()
    return report


def _count(report: ReplayReport, frame: Frame, events: bytes) -> None:
    """Add a frame that the engine confirmed to a report."""
    report.frames += 1
    report.frame_hash = frame.frame_hash
    report.commands += frame.header.command_count
    report.events += len(events) // RECORD_SIZE
    report.rotated_keys += rotated_keys(events)
    report.statements += frame.header.kind == FrameKind.statement
    report.heads += frame.header.kind == FrameKind.head


class Start(NamedTuple):
    """Where a replay begins: the engine, the reader of what follows, the tree up to there, and the facility's key."""

    engine: Engine
    reader: JournalReader
    tree: Frontier
    public_key: bytes
    statement: Statement | None = None


def engine_at(directory: Path, engine_type: type[Engine], seq: int, public_keys: Collection[bytes] = ()) -> Start:
    """Return an engine in the state of the snapshot at `seq` (0: empty) and what goes on behind its mark.

    `public_keys` are keys of the facility beside the one in facility.json, after a rotation.
    Raises: SnapshotError where the snapshot is not what was signed; ShortenedError where the journal does not hold the
    frame that was signed for.
    """
    directory = Path(directory)
    identity = load_identity(directory)
    engine = engine_type()
    check_edition(directory, identity, engine)
    if seq == 0:
        return Start(engine, JournalReader(directory, identity=identity), Frontier(), identity.public_key)
    with open_snapshot(directory, seq, {identity.public_key, *public_keys}) as stored:
        reader = reader_behind(directory, identity, stored.statement)
        engine = stored.restore(engine_type)
    statement = stored.statement
    signer = next(key for key in (*public_keys, identity.public_key) if statement.is_signed_by(key))
    return Start(engine, reader, stored.tree, signer, statement)


def reader_behind(directory: Path, identity: Identity, statement: Statement) -> JournalReader:
    """Return a reader of what follows the frame that a snapshot was signed for."""
    path = snapshot_path(directory, statement.seq)
    if (statement.facility_id, statement.edition) != (identity.facility_id, identity.edition):
        found = f"facility {statement.facility_id.hex()}, edition {statement.edition}"
        raise SnapshotError(path, expected="a snapshot of this facility", found=found)
    try:
        return JournalReader(directory, start=statement.next_position, identity=identity)
    except BrokenChainError as error:
        raise ShortenedError(
            path,
            what="the journal does not hold the frame that was signed for",
            expected=f"frame {statement.frame_number} with hash {statement.frame_hash.hex()} in the journal",
            found=error.found,
        ) from error


def replayed(
    directory: Path, frames: Iterable[Frame], engine: Engine, marks: Marks | None = None
) -> Generator[tuple[Frame, bytes], None, None]:
    """Iterate over frames and the events that the engine gives for them; a statement and a head give none.

    At a mark the state's digest and the liabilities' root are computed; the late statement on it is compared with them.
    A mark without a statement is legal. A statement on a mark before the first frame here is passed over.
    Raises: ReplayDivergedError at the first frame whose events, or whose signed state, the engine does not confirm.
    """
    marks, first_seq = Marks() if marks is None else marks, engine.next_seq
    for frame in frames:
        if frame.header.kind != FrameKind.commands:
            if frame.header.kind == FrameKind.statement:
                check_state(directory, frame, marks, first_seq)
            yield frame, b""
            continue
        events = engine.apply(frame.commands)
        check_events(directory, frame, events)
        if is_marked(frame, events):
            marks.add(mark_of(frame, engine))
        yield frame, events


def check_edition(directory: Path, identity: Identity, engine: Engine) -> None:
    """Refuse an engine of another edition than the journal's."""
    if engine.edition != identity.edition:
        found = f"edition {engine.edition} in the engine `{engine.name}`"
        raise WrongEditionError(Path(directory), expected=f"edition {identity.edition}", found=found)
