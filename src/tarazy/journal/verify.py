"""Verify a journal from its own files: every byte, the chain, the signatures and the snapshots. Writes nothing.

What this proves: the folder is, byte for byte, a whole journal; its officers signed every instruction in it; and the
facility signed all of it up to the last statement or head, the report says how far that is. What it does not prove:
that the events follow from the commands (replay does); anything about the commands behind the last signature, which
are only chained and could have been written anew by whoever holds the folder; and that frames were not cut off at the
end in one piece. Against the last two stands `known_head`, a head noted earlier.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tarazy.journal.attestation import Attestation
from tarazy.journal.coverage import Coverage
from tarazy.journal.errors import DamageError, IdentityError, ShortenedError, SnapshotError
from tarazy.journal.files import reading
from tarazy.journal.frame import Frame, FrameKind
from tarazy.journal.identity import Identity, load_identity
from tarazy.journal.note import TreeHead
from tarazy.journal.reader import JournalReader
from tarazy.journal.segment import segment_path
from tarazy.journal.signatures import SignaturePool
from tarazy.journal.snapshots import read_snapshot, snapshot_path, snapshot_seqs
from tarazy.journal.statement import Statement

Progress = Callable[[int, int], None]
PROGRESS_STEP = 1 << 20


class Head(NamedTuple):
    """The end of a journal: its last frame's number and hash, and the number of its last command."""

    frame_number: int
    frame_hash: bytes
    seq: int


@dataclass
class VerifyReport:
    """What a verification found; `damage` is the first error, None where there is none.

    `covered_*` are the last frame and command that a signature of the facility covers; `public_keys` are the keys that
    it signed with.
    """

    directory: Path
    identity: Identity | None = None
    segments: int = 0
    frames: int = 0
    commands: int = 0
    events: int = 0
    statements: int = 0
    heads: int = 0
    instructions: int = 0
    signatures: int = 0
    snapshots: int = 0
    bytes_read: int = 0
    head: Head | None = None
    last_statement: Statement | None = None
    last_head: TreeHead | None = None
    covered_frame: int = 0
    covered_seq: int = 0
    covered_ts_ns: int = 0
    last_ts_ns: int = 0
    chained_frames: int = 0
    public_keys: frozenset[bytes] = frozenset()
    damage: DamageError | None = None

    @property
    def ok(self) -> bool:
        """Say whether the journal is whole."""
        return self.damage is None

    @property
    def chained_commands(self) -> int:
        """Return how many commands no signature of the facility covers."""
        return (self.head.seq if self.head is not None else 0) - self.covered_seq

    @property
    def is_covered_to_the_end(self) -> bool:
        """Say whether a signature of the facility covers every command."""
        return self.ok and self.chained_commands == 0

    @property
    def uncovered_ns(self) -> int:
        """Return the time from the last command that a signature covers to the last command."""
        return self.last_ts_ns - self.covered_ts_ns if self.covered_seq else 0


def verify(
    directory: Path,
    progress: Progress | None = None,
    *,
    public_key: bytes | None = None,
    known_head: Head | None = None,
    jobs: int | None = None,
) -> VerifyReport:
    """Verify the journal in a folder.

    `jobs` processes check officers' signatures, None = one for each processor.

    `progress(done_bytes, total_bytes)` is called every MiB. `public_key` is the key that the verifier knows from
    elsewhere; `known_head` a head that the journal had earlier and must still contain.
    Raises: StorageError where the folder cannot be read; damage is returned in the report.
    """
    report = VerifyReport(Path(directory))
    with SignaturePool(jobs) as pool:
        try:
            _verify(report, pool, progress, public_key, known_head)
        except DamageError as damage:
            report.damage = damage
    return report


def _verify(
    report: VerifyReport,
    pool: SignaturePool,
    progress: Progress | None,
    public_key: bytes | None,
    known_head: Head | None,
) -> None:
    """Fill the report; the first damage leaves as an exception."""
    report.identity = load_identity(report.directory)
    if public_key is not None and public_key != report.identity.public_key:
        found = report.identity.public_key.hex()
        raise IdentityError(report.directory, expected=f"the public key {public_key.hex()}", found=found)
    reader = JournalReader(report.directory, identity=report.identity)
    report.segments = reader.segments
    with reading(report.directory, "read the segments' sizes"):
        total = sum(segment_path(report.directory, index + 1).stat().st_size for index in range(reader.segments))
    pending = set(snapshot_seqs(report.directory))
    meter = _Meter(progress, total)
    attestation = Attestation(report.directory, report.identity, pool)
    coverage = Coverage(report.directory, report.identity, attestation.facility_keys)
    for frame in reader:
        _count(report, frame)
        meter.step(frame.header.frame_bytes)
        if known_head is not None and frame.header.frame_number == known_head.frame_number:
            _check_known_head(report, frame, known_head)
        coverage.add(frame)
        if frame.header.kind == FrameKind.commands:
            attestation.add(frame)
        _note_coverage(report, coverage)
        if frame.header.kind == FrameKind.statement:
            pending.discard(_check_snapshot(report, frame, coverage.public_key, pending))
    attestation.finish()
    report.instructions, report.signatures = attestation.instructions, attestation.signatures
    report.bytes_read = total
    _check_end(report, pending, known_head)
    meter.finish()


def _note_coverage(report: VerifyReport, coverage: Coverage) -> None:
    """Write into the report how far signatures reach."""
    report.last_statement, report.last_head = coverage.last_statement, coverage.last_head
    report.covered_frame, report.covered_seq = coverage.frame_number, coverage.seq
    report.covered_ts_ns, report.last_ts_ns = coverage.ts_ns, coverage.last_ts_ns
    report.chained_frames = coverage.chained_frames
    report.public_keys = frozenset(coverage.public_keys)


def _count(report: VerifyReport, frame: Frame) -> None:
    """Add one frame to the report."""
    header = frame.header
    report.frames += 1
    report.commands += header.command_count
    report.events += header.event_count
    report.statements += header.kind == FrameKind.statement
    report.heads += header.kind == FrameKind.head
    report.head = Head(header.frame_number, frame.frame_hash, header.next_seq - 1)


def _check_known_head(report: VerifyReport, frame: Frame, known_head: Head) -> None:
    """Refuse a record that has another frame where the known one stood."""
    if frame.frame_hash != known_head.frame_hash:
        raise ShortenedError(
            report.directory,
            what="the record is another one than was known",
            expected=f"hash {known_head.frame_hash.hex()}",
            found=frame.frame_hash.hex(),
            frame=frame.header.frame_number,
        )


def _check_snapshot(report: VerifyReport, frame: Frame, public_key: bytes, pending: set[int]) -> int:
    """Check the snapshot that belongs to a statement, where there is one; return the statement's command number."""
    statement = Statement.unpack(frame.commands)
    if statement.seq in pending:
        snapshot = read_snapshot(report.directory, statement.seq, [public_key])
        if snapshot.statement != statement:
            path = snapshot_path(report.directory, statement.seq)
            found = f"another one on command {snapshot.statement.seq}"
            expected = f"the statement of frame {frame.header.frame_number}"
            raise SnapshotError(path, expected=expected, found=found)
        report.snapshots += 1
    return statement.seq


def _check_end(report: VerifyReport, pending: set[int], known_head: Head | None) -> None:
    """Refuse a journal that ends before a snapshot or before a head that is known."""
    last_seq = report.head.seq if report.head is not None else 0
    last_frame = report.head.frame_number if report.head is not None else 0
    if pending:
        raise unknown_snapshot_error(report.directory, min(pending), last_seq)
    if known_head is not None and known_head.frame_number > last_frame:
        found = f"frame {last_frame} as the last one"
        raise ShortenedError(report.directory, expected=f"frame {known_head.frame_number}", found=found)


def unknown_snapshot_error(directory: Path, seq: int, last_seq: int) -> DamageError:
    """Return the error for a snapshot that no statement of the journal speaks of."""
    path = snapshot_path(directory, seq)
    if seq > last_seq:
        return ShortenedError(
            path, expected=f"a journal with command {seq}", found=f"command {last_seq} as the last one"
        )
    return SnapshotError(path, expected=f"a signed statement on command {seq}", found="none in the journal")


class _Meter:
    """Report progress every MiB."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total = progress, total
        self._done = self._reported = 0

    def step(self, size: int) -> None:
        """Count bytes that were read."""
        self._done += size
        if self._progress is not None and self._done - self._reported >= PROGRESS_STEP:
            self._reported = self._done
            self._progress(self._done, self._total)

    def finish(self) -> None:
        """Say that all is done."""
        if self._progress is not None:
            self._progress(self._total, self._total)
