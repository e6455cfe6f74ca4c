"""Replay: the engine confirms the record, or the first frame that it does not confirm is named."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tarazy.domain.records import RECORD_SIZE
from tarazy.journal.errors import ReplayDivergedError, ShortenedError, StatementError, WrongEditionError
from tarazy.journal.frame import FrameDraft, FrameKind
from tarazy.journal.identity import load_identity
from tarazy.journal.keys import load_signing_key
from tarazy.journal.merkle import root_of
from tarazy.journal.replay import engine_at, replay, state_at
from tarazy.journal.replay_spans import replay_span
from tarazy.journal.segment import genesis, segment_path
from tarazy.journal.snapshots import read_snapshot, snapshot_path, snapshot_seqs, write_snapshot
from tarazy.journal.writer import JournalWriter
from tests.simulation.plain_facility import PlainFacility, Unsynced
from tests.simulation.tally_engine import TallyEngine

from .building import build, commands, create, frames_of, places_of

COUNTS = [5, 0, 20, 12, 0, 3]


class OtherEditionEngine(TallyEngine):
    """An engine of another edition."""

    edition = 2


def forge(directory: Path, wrong: int, **change: bytes) -> None:
    """Write four frames of which one states events that its commands do not give."""
    engine = TallyEngine()
    identity = load_identity(create(directory))
    writer = JournalWriter(directory, identity, genesis(identity), files=Unsynced())
    for number in range(1, 5):
        data = bytes([50, 0, 0, 0, 0, 0, 0, 0, number]).ljust(RECORD_SIZE, b"\1") * 3
        events = engine.apply(data)
        stated = change.get("events", events[:-RECORD_SIZE]) if number == wrong else events
        digest = sha256(stated).digest()
        writer.append(FrameDraft(FrameKind.commands, data, b"", b"", len(stated) // RECORD_SIZE, digest, 3))
    writer.close()


def write_late_statement(directory: Path, **changes: Any) -> None:
    """Write a mark, commands behind it, and then the statement on it, changed as the test wants."""
    create(directory, 1 << 16)
    with PlainFacility(directory, Unsynced()) as facility:
        facility.execute(commands(5))
        facility.mark()
        statement = facility.statement._replace(**changes).signed(facility.key)
        facility.execute(commands(7))
        facility.append(statement.draft())
        facility.execute(commands(3))


def test_late_statement_is_compared_with_the_state_at_its_mark(tmp_path: Path) -> None:
    write_late_statement(tmp_path / "a")
    report = replay(tmp_path / "a", TallyEngine())
    assert report.agrees, report.divergence
    assert (report.commands, report.statements) == (16, 1)


@pytest.mark.parametrize("changes", [{"state_digest": bytes(32)}, {"liabilities_root": bytes(32)}, {"seq": 7}])
def test_late_statement_on_another_state_names_the_mark(tmp_path: Path, changes: dict[str, Any]) -> None:
    write_late_statement(tmp_path / "a", **changes)
    divergence = replay(tmp_path / "a", TallyEngine()).divergence
    assert isinstance(divergence, ReplayDivergedError)
    assert (divergence.frame, divergence.first_seq) == (4, changes.get("seq", 6))


def test_mark_without_a_statement_is_legal(tmp_path: Path) -> None:
    create(tmp_path / "a", 1 << 16)
    with PlainFacility(tmp_path / "a", Unsynced()) as facility:
        facility.mark()
        facility.execute(commands(3))
        facility.mark()
        facility.checkpoint()
    assert replay(tmp_path / "a", TallyEngine()).agrees


def test_start_from_a_snapshot_goes_on_behind_its_mark(tmp_path: Path) -> None:
    create(tmp_path / "a", 1 << 16)
    with PlainFacility(tmp_path / "a", Unsynced()) as facility:
        facility.execute(commands(5))
        write_statement = facility.mark()
        facility.execute(commands(7))
        write_statement()
        facility.execute(commands(3))
        digest = facility.engine.state_digest()
    with PlainFacility(tmp_path / "a", Unsynced()) as facility:
        assert (facility.recovery.snapshot_seq, facility.recovery.commands) == (6, 10)
        assert facility.engine.state_digest() == digest
        assert facility.log.tree.root() == root_of(frame.frame_hash for frame in frames_of(tmp_path / "a"))


def test_signed_snapshot_of_a_frame_that_is_gone_stops_the_start(tmp_path: Path) -> None:
    build(tmp_path / "a", [5, 0], 1 << 16)
    second = places_of(tmp_path / "a")[1]
    path = segment_path(tmp_path / "a", 1)
    path.write_bytes(path.read_bytes()[: second.offset].ljust(1 << 16, b"\0"))
    with pytest.raises(ShortenedError, match="does not hold the frame that was signed for"):
        PlainFacility(tmp_path / "a", Unsynced())


def test_engine_that_wrote_the_journal_agrees(tmp_path: Path) -> None:
    build(tmp_path / "a", COUNTS)
    engine = TallyEngine()
    seen: list[int] = []
    report = replay(tmp_path / "a", engine, seen.append)
    assert report.agrees
    assert (report.frames, report.commands, report.statements, report.last_seq) == (8, 42, 2, 42)
    assert report.digest == engine.state_digest()
    assert seen == sorted(seen)
    assert seen[-1] == 42


@pytest.mark.parametrize("wrong", [1, 2, 3, 4])
def test_first_frame_with_other_events_is_named(tmp_path: Path, wrong: int) -> None:
    forge(tmp_path / "a", wrong)
    report = replay(tmp_path / "a", TallyEngine())
    assert isinstance(report.divergence, ReplayDivergedError)
    assert not report.agrees
    assert report.divergence.frame == wrong
    assert (report.divergence.first_seq, report.divergence.last_seq) == (wrong * 3 - 2, wrong * 3)
    assert "expected 2 events" in str(report.divergence)


def test_frame_with_as_many_but_other_events_is_named(tmp_path: Path) -> None:
    forge(tmp_path / "a", 2, events=bytes(3 * RECORD_SIZE))
    report = replay(tmp_path / "a", TallyEngine())
    assert isinstance(report.divergence, ReplayDivergedError)
    assert report.divergence.frame == 2


def test_engine_of_another_edition_is_refused(tmp_path: Path) -> None:
    build(tmp_path / "a", COUNTS)
    with pytest.raises(WrongEditionError, match="expected edition 1, found edition 2"):
        replay(tmp_path / "a", OtherEditionEngine())


def test_spans_between_checkpoints_add_up_to_the_whole(tmp_path: Path) -> None:
    build(tmp_path / "a", COUNTS)
    cuts = [0, *snapshot_seqs(tmp_path / "a")]
    spans = [
        replay_span(tmp_path / "a", TallyEngine, start, end) for start, end in zip(cuts, [*cuts[1:], None], strict=True)
    ]
    assert all(span.agrees for span in spans)
    assert [span.last_seq for span in spans] == [6, 39, 42]
    assert sum(span.commands for span in spans) == 42
    assert spans[-1].digest == replay(tmp_path / "a", TallyEngine()).digest
    for span, seq in zip(spans, cuts[1:], strict=False):
        assert span.digest == engine_at(tmp_path / "a", TallyEngine, seq)[0].state_digest()


@pytest.mark.parametrize("seq", [0, 1, 4, 5, 6, 7, 30, 39, 42])
def test_state_at_any_command_is_the_state_of_those_commands(tmp_path: Path, seq: int) -> None:
    build(tmp_path / "a", COUNTS)
    whole = b"".join(frame.commands for frame in frames_of(tmp_path / "a") if frame.header.command_count)
    expected = TallyEngine()
    if seq:
        expected.apply(whole[: seq * RECORD_SIZE])
    assert state_at(tmp_path / "a", TallyEngine, seq).snapshot() == expected.snapshot()


def test_state_behind_the_end_is_refused(tmp_path: Path) -> None:
    build(tmp_path / "a", COUNTS)
    with pytest.raises(ShortenedError, match="expected a journal with command 43, found command 42"):
        state_at(tmp_path / "a", TallyEngine, 43)


def test_snapshot_of_another_journal_is_refused(tmp_path: Path) -> None:
    build(tmp_path / "a", [5, 0])
    build(tmp_path / "b", [4, 1, 0])
    snapshot_path(tmp_path / "a", 6).write_bytes(snapshot_path(tmp_path / "b", 6).read_bytes())
    with pytest.raises(ShortenedError, match="does not hold the frame that was signed for"):
        engine_at(tmp_path / "a", TallyEngine, 6)


def test_span_that_arrives_at_another_state_than_the_next_one_begins_with_is_named(tmp_path: Path) -> None:
    build(tmp_path / "a", COUNTS)
    identity = load_identity(tmp_path / "a")
    snapshot = read_snapshot(tmp_path / "a", 39, [identity.public_key])
    state = snapshot.state[:-1] + b"\x7f"
    statement = snapshot.statement._replace(state_digest=sha256(state).digest())
    signed = statement.signed(load_signing_key(tmp_path / "a", identity))
    write_snapshot(tmp_path / "a", snapshot._replace(statement=signed, state=state))
    divergence = replay_span(tmp_path / "a", TallyEngine, 6, 39).divergence
    assert isinstance(divergence, ReplayDivergedError)
    assert divergence.first_seq == 39


def test_statement_that_is_none_is_damage_in_a_replay_too(tmp_path: Path) -> None:
    create(tmp_path / "a", 1 << 16)
    with PlainFacility(tmp_path / "a", Unsynced()) as facility:
        facility.append(FrameDraft(FrameKind.statement, b"statement"))
    assert isinstance(replay(tmp_path / "a", TallyEngine()).divergence, StatementError)
