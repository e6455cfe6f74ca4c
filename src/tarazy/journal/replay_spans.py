"""Replay the spans between snapshots: together they prove the whole journal, in as many processes as there are.

The state that a span begins with is the one whose digest the span before it arrived at, and the facility signed. So a
span that follows one replayed here goes on with its engine; any other begins with the snapshot.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from tarazy.domain.engine import Engine
from tarazy.journal.errors import ReplayDivergedError
from tarazy.journal.identity import load_identity
from tarazy.journal.reader import JournalReader
from tarazy.journal.replay import Progress, ReplayReport, engine_at, reader_behind, run_replay
from tarazy.journal.snapshots import Snapshot, read_snapshot, snapshot_path
from tarazy.journal.statement import Statement


class Span(NamedTuple):
    """From the snapshot at a command (0: the start) to the mark at another (None: the end)."""

    from_seq: int
    to_seq: int | None


class Arrived(NamedTuple):
    """An engine in the state that was signed, and the statement on it."""

    engine: Engine
    statement: Statement


def replay_span(
    directory: Path,
    engine_type: type[Engine],
    from_seq: int,
    to_seq: int | None,
    progress: Progress | None = None,
    public_keys: Collection[bytes] = (),
) -> ReplayReport:
    """Replay from the snapshot at `from_seq` (0: from the start) up to the mark at `to_seq` (None: to the end).

    Raises: SnapshotError, ShortenedError where the span cannot begin; else as `replay`.
    """
    return SpanReplay(directory, engine_type, public_keys).replay(Span(from_seq, to_seq), progress)


class SpanReplay:
    """Replays spans of one journal, one after the other. `public_keys` are the facility's beside that in facility.json.

    `restored` counts the spans that began with a snapshot and not with the engine of the span before.
    """

    def __init__(self, directory: Path, engine_type: type[Engine], public_keys: Collection[bytes] = ()) -> None:
        self.directory = Path(directory)
        self.restored = 0
        self._engine_type = engine_type
        self._public_keys = public_keys
        self._arrived: Arrived | None = None

    def replay(self, span: Span, progress: Progress | None = None) -> ReplayReport:
        """Replay one span and compare the state at its end with the signed one there.

        Raises: SnapshotError, ShortenedError where the span cannot begin; else as `replay` of a whole journal.
        """
        arrived, self._arrived = self._arrived, None
        repeated: list[int] = []

        def again() -> tuple[JournalReader, Engine]:
            repeated.append(span.from_seq)
            return self._restored(span.from_seq)

        reader, engine = self._begin(span.from_seq, arrived)
        report = run_replay(reader, engine, again, progress, span.to_seq)
        if span.to_seq is None or report.divergence is not None:
            return report
        snapshot = read_snapshot(self.directory, span.to_seq, {reader.identity.public_key, *self._public_keys})
        _check_arrived(report, reader, snapshot)
        if report.divergence is None and not repeated:
            self._arrived = Arrived(engine, snapshot.statement)
        return report

    def _begin(self, from_seq: int, arrived: Arrived | None) -> tuple[JournalReader, Engine]:
        """Return reader and engine of a span: those of the span before, where it arrived at the same command."""
        if arrived is None or arrived.statement.seq != from_seq:
            return self._restored(from_seq)
        return reader_behind(self.directory, load_identity(self.directory), arrived.statement), arrived.engine

    def _restored(self, from_seq: int) -> tuple[JournalReader, Engine]:
        """Return the reader and the engine of a span that begins with its snapshot."""
        self.restored += from_seq != 0
        start = engine_at(self.directory, self._engine_type, from_seq, self._public_keys)
        return start.reader, start.engine


def share_out(seqs: list[int], last_seq: int, jobs: int) -> list[list[Span]]:
    """Return the spans between snapshots at `seqs` and the end, in groups of neighbours for `jobs` processes.

    The first groups are large, because a group begins with a snapshot that takes time to restore; the later ones are
    small, so that the processes end together. A rest too small for a start of its own goes with the group before it.
    """
    starts = [0, *seqs]
    spans = [Span(*pair) for pair in zip(starts, [*seqs, None], strict=True)]
    last_seq, groups, at = max(last_seq, starts[-1]), [], 0
    while at < len(spans):
        first = spans[at].from_seq
        aim, end = (last_seq - first) * 2 // (3 * jobs - 1), at + 1
        while end < len(spans):
            covered, rest = spans[end].from_seq - first, last_seq - spans[end].from_seq
            if covered >= aim and rest * 16 * jobs >= last_seq:
                break
            end += 1
        groups.append(spans[at:end])
        at = end
    return groups


def _check_arrived(report: ReplayReport, reader: JournalReader, snapshot: Snapshot) -> None:
    """Compare the state at the end of a span with the signed one that the next span begins with."""
    statement = snapshot.statement
    signed = (statement.seq, statement.frame_hash, statement.state_digest, statement.liabilities_root)
    if signed == (report.last_seq, report.frame_hash, report.digest, report.root):
        return
    report.divergence = ReplayDivergedError(
        snapshot_path(reader.directory, statement.seq),
        first_seq=statement.seq,
        last_seq=statement.seq,
        expected=f"state {statement.state_digest.hex()} at command {statement.seq}, as was signed",
        found=f"state {report.digest.hex()} at command {report.last_seq}",
        frame=statement.frame_number,
    )
