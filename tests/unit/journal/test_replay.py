"""Replay: the engine confirms the record, or the first frame that it does not confirm is named."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from tarazy.domain.records import RECORD_SIZE
from tarazy.journal.errors import ReplayDivergedError, ShortenedError, SnapshotError, WrongEditionError
from tarazy.journal.files import Files
from tarazy.journal.frame import FrameKind
from tarazy.journal.identity import load_identity
from tarazy.journal.reader import genesis
from tarazy.journal.replay import engine_at, replay, replay_span, state_at
from tarazy.journal.snapshots import snapshot_path, snapshot_seqs
from tarazy.journal.writer import JournalWriter
from tests.simulation.tally_engine import TallyEngine

from .building import build, create, frames_of

COUNTS = [5, 0, 20, 12, 0, 3]


class OtherEditionEngine(TallyEngine):
    """An engine of another edition."""

    edition = 2


def forge(directory: Path, wrong: int, **change: bytes) -> None:
    """Write four frames of which one states events that its commands do not give."""
    engine = TallyEngine()
    identity = load_identity(create(directory))
    writer = JournalWriter(directory, identity, genesis(identity), files=Files())
    for number in range(1, 5):
        payload = bytes([50, 0, 0, 0, 0, 0, 0, 0, number]).ljust(RECORD_SIZE, b"\1") * 3
        events = engine.apply(payload)
        stated = change.get("events", events[:-RECORD_SIZE]) if number == wrong else events
        writer.append(
            FrameKind.commands,
            payload,
            command_count=3,
            event_count=len(stated) // RECORD_SIZE,
            events_digest=sha256(stated).digest(),
        )
    writer.close()


def test_engine_that_wrote_the_journal_agrees(tmp_path: Path) -> None:
    build(tmp_path, COUNTS)
    engine = TallyEngine()
    seen: list[int] = []
    report = replay(tmp_path, engine, seen.append)
    assert report.agrees
    assert (report.frames, report.commands, report.statements, report.last_seq) == (8, 42, 2, 42)
    assert report.digest == engine.state_digest()
    assert seen == sorted(seen)
    assert seen[-1] == 42


@pytest.mark.parametrize("wrong", [1, 2, 3, 4])
def test_first_frame_with_other_events_is_named(tmp_path: Path, wrong: int) -> None:
    forge(tmp_path, wrong)
    report = replay(tmp_path, TallyEngine())
    assert isinstance(report.divergence, ReplayDivergedError)
    assert not report.agrees
    assert report.divergence.frame == wrong
    assert (report.divergence.first_seq, report.divergence.last_seq) == (wrong * 3 - 2, wrong * 3)
    assert "expected 2 events" in str(report.divergence)


def test_frame_with_as_many_but_other_events_is_named(tmp_path: Path) -> None:
    forge(tmp_path, 2, events=bytes(3 * RECORD_SIZE))
    report = replay(tmp_path, TallyEngine())
    assert isinstance(report.divergence, ReplayDivergedError)
    assert report.divergence.frame == 2


def test_engine_of_another_edition_is_refused(tmp_path: Path) -> None:
    build(tmp_path, COUNTS)
    with pytest.raises(WrongEditionError, match="expected edition 1, found edition 2"):
        replay(tmp_path, OtherEditionEngine())


def test_spans_between_checkpoints_add_up_to_the_whole(tmp_path: Path) -> None:
    build(tmp_path, COUNTS)
    cuts = [0, *snapshot_seqs(tmp_path)]
    spans = [replay_span(tmp_path, TallyEngine, start, end) for start, end in zip(cuts, [*cuts[1:], None], strict=True)]
    assert all(span.agrees for span in spans)
    assert [span.last_seq for span in spans] == [6, 39, 42]
    assert sum(span.commands for span in spans) == 42
    assert spans[-1].digest == replay(tmp_path, TallyEngine()).digest
    for span, seq in zip(spans, cuts[1:], strict=False):
        assert span.digest == engine_at(tmp_path, TallyEngine, seq)[0].state_digest()


@pytest.mark.parametrize("seq", [0, 1, 4, 5, 6, 7, 30, 39, 42])
def test_state_at_any_command_is_the_state_of_those_commands(tmp_path: Path, seq: int) -> None:
    build(tmp_path, COUNTS)
    whole = b"".join(frame.payload for frame in frames_of(tmp_path) if frame.header.command_count)
    expected = TallyEngine()
    if seq:
        expected.apply(whole[: seq * RECORD_SIZE])
    assert state_at(tmp_path, TallyEngine, seq).snapshot() == expected.snapshot()


def test_state_behind_the_end_is_refused(tmp_path: Path) -> None:
    build(tmp_path, COUNTS)
    with pytest.raises(ShortenedError, match="expected a journal with command 43, found command 42"):
        state_at(tmp_path, TallyEngine, 43)


def test_snapshot_of_another_journal_is_refused(tmp_path: Path) -> None:
    build(tmp_path / "a", [5, 0])
    build(tmp_path / "b", [4, 1, 0])
    snapshot_path(tmp_path / "a", 6).write_bytes(snapshot_path(tmp_path / "b", 6).read_bytes())
    with pytest.raises(SnapshotError, match="expected a signed statement on digest"):
        engine_at(tmp_path / "a", TallyEngine, 6)
