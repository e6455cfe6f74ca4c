"""Replay: run an engine over the frames again and compare all that the facility recorded about their effects.

The start of a facility, the regulator's check, the export and the book at any number all go through `replayed`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tarazy.domain.engine import Engine
from tarazy.domain.records import RECORD_SIZE
from tarazy.journal.ahead import ahead
from tarazy.journal.errors import DamageError, ReplayDivergedError, ShortenedError, SnapshotError, WrongEditionError
from tarazy.journal.frame import Frame, FrameKind
from tarazy.journal.identity import Identity, load_identity
from tarazy.journal.reader import JournalReader
from tarazy.journal.segment import segment_path
from tarazy.journal.snapshots import Snapshot, read_snapshot, snapshot_path, snapshot_seqs
from tarazy.journal.statement import Statement

Progress = Callable[[int], None]


@dataclass
class ReplayReport:
    """What a replay did; `digest` is SHA-256 of the state at its end, `divergence` the first disagreement."""

    engine: str
    first_seq: int
    last_seq: int = 0
    frames: int = 0
    commands: int = 0
    events: int = 0
    statements: int = 0
    digest: bytes = b""
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
    return _run(reader, engine, progress)


def replay_span(
    directory: Path, engine_type: type[Engine], from_seq: int, to_seq: int | None, progress: Progress | None = None
) -> ReplayReport:
    """Replay from the snapshot at `from_seq` (0: from the start) up to the checkpoint at `to_seq` (None: to the end).

    Spans between checkpoints prove the whole journal together, each in a process of its own: the state that one
    begins with is the one whose digest the span before it arrived at.
    Raises: SnapshotError, ShortenedError where the span cannot begin; else as `replay`.
    """
    engine, reader = engine_at(directory, engine_type, from_seq)
    return _run(reader, engine, progress, to_seq)


def state_at(directory: Path, engine_type: type[Engine], seq: int, progress: Progress | None = None) -> Engine:
    """Return an engine in the state just after command `seq`, from the nearest snapshot before it.

    Raises: ShortenedError where the journal ends earlier; DamageError; StorageError.
    """
    directory = Path(directory)
    from_seq = max((known for known in snapshot_seqs(directory) if known <= seq), default=0)
    engine, reader = engine_at(directory, engine_type, from_seq)
    for frame in reader:
        if engine.next_seq > seq:
            break
        wanted = (seq + 1 - frame.header.first_seq) * RECORD_SIZE
        events = engine.apply(frame.payload[:wanted]) if frame.header.command_count else b""
        if 0 < frame.header.command_count * RECORD_SIZE <= wanted:
            _check_events(directory, frame, events)
        if progress is not None:
            progress(engine.next_seq - 1)
    if engine.next_seq <= seq:
        found = f"command {engine.next_seq - 1} as the last one"
        raise ShortenedError(directory, what="no such command", expected=f"a journal with command {seq}", found=found)
    return engine


def _run(reader: JournalReader, engine: Engine, progress: Progress | None, to_seq: int | None = None) -> ReplayReport:
    """Replay what the reader gives, up to and with the signed statement on `to_seq`."""
    report = ReplayReport(engine.name, engine.next_seq)
    with closing(ahead(reader)) as frames:
        try:
            for frame, events in replayed(reader.directory, frames, engine):
                is_statement = frame.header.kind == FrameKind.statement
                report.frames += 1
                report.commands += frame.header.command_count
                report.events += len(events) // RECORD_SIZE
                report.statements += is_statement
                if progress is not None:
                    progress(report.commands)
                if is_statement and to_seq is not None and frame.header.first_seq > to_seq:
                    break
        except DamageError as divergence:
            report.divergence = divergence
    report.last_seq = engine.next_seq - 1
    report.digest = engine.state_digest()
    return report


def engine_at(directory: Path, engine_type: type[Engine], seq: int) -> tuple[Engine, JournalReader]:
    """Return an engine in the state of the snapshot at `seq` (0: empty) and the reader that goes on behind it.

    Raises: SnapshotError where the signed statement does not name this state.
    """
    directory = Path(directory)
    identity = load_identity(directory)
    engine = engine_type()
    check_edition(directory, identity, engine)
    if seq == 0:
        return engine, JournalReader(directory, identity=identity)
    snapshot = read_snapshot(directory, seq)
    reader = JournalReader(directory, start=snapshot.header.statement_position, identity=identity)
    check_snapshot_signed(directory, reader, snapshot)
    return engine_type.restore(snapshot.state), reader


def check_snapshot_signed(directory: Path, reader: JournalReader, snapshot: Snapshot) -> None:
    """Read the statement at the snapshot's place and refuse a snapshot that it does not name."""
    header = snapshot.header
    found = "the journal's end"
    try:
        frame = next(iter(reader), None) if header.segment <= reader.segments else None
    except DamageError as damage:  # it may be the place that is wrong; a replay from before it will tell
        frame, found = None, str(damage)
    if frame is not None:
        is_statement = frame.header.kind == FrameKind.statement
        digest = Statement.unpack(frame.payload).state_digest if is_statement else b""
        if digest == header.state_digest:
            return
        found = f"one on digest {digest.hex()}" if is_statement else "a frame of commands"
    raise SnapshotError(
        snapshot_path(directory, header.seq),
        expected=f"a signed statement on digest {header.state_digest.hex()} in segment {header.segment} "
        f"at byte {header.offset}",
        found=found,
    )


def replayed(directory: Path, frames: Iterable[Frame], engine: Engine) -> Iterator[tuple[Frame, bytes]]:
    """Iterate over frames and the events that the engine gives for them; a statement gives none.

    Raises: ReplayDivergedError at the first frame whose events, or whose signed state, the engine does not confirm.
    """
    for frame in frames:
        if frame.header.kind == FrameKind.statement:
            _check_state(directory, frame, engine)
            yield frame, b""
            continue
        events = engine.apply(frame.payload)
        _check_events(directory, frame, events)
        yield frame, events


def check_edition(directory: Path, identity: Identity, engine: Engine) -> None:
    """Refuse an engine of another edition than the journal's."""
    if engine.edition != identity.edition:
        found = f"edition {engine.edition} in the engine `{engine.name}`"
        raise WrongEditionError(Path(directory), expected=f"edition {identity.edition}", found=found)


def _check_events(directory: Path, frame: Frame, events: bytes) -> None:
    """Compare the events with the frame's digest of them."""
    digest = sha256(events).digest()
    if digest == frame.header.events_digest and len(events) == frame.header.event_count * RECORD_SIZE:
        return
    raise _diverged(
        directory,
        frame,
        f"{frame.header.event_count} events with digest {frame.header.events_digest.hex()}",
        f"{len(events) // RECORD_SIZE} events with digest {digest.hex()}",
    )


def _check_state(directory: Path, frame: Frame, engine: Engine) -> None:
    """Compare a signed statement with the state in which the engine is, and audit that state."""
    statement = Statement.unpack(frame.payload)
    engine.audit()
    digest, root = engine.state_digest(), engine.liabilities_root()
    if (digest, root) == (statement.state_digest, statement.liabilities_root):
        return
    expected = f"state {statement.state_digest.hex()} with root {statement.liabilities_root.hex()}, as was signed"
    raise _diverged(directory, frame, expected, f"state {digest.hex()} with root {root.hex()}")


def _diverged(directory: Path, frame: Frame, expected: str, found: str) -> ReplayDivergedError:
    """Return the error for a frame that the engine does not confirm."""
    header = frame.header
    first_seq, last_seq = header.first_seq, header.first_seq + header.command_count - 1
    if header.kind == FrameKind.statement:  # it speaks of the checkpoint, the last command before it
        first_seq = last_seq = header.first_seq - 1
    return ReplayDivergedError(
        segment_path(Path(directory), frame.segment),
        first_seq=first_seq,
        last_seq=last_seq,
        expected=expected,
        found=found,
        segment=frame.segment,
        frame=header.frame_number,
        offset=frame.offset,
    )
