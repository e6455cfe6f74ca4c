"""Going to a place in a journal: the nearest snapshot is where the reading begins, and a bad one is passed over."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tarazy.cli.engines import load_engine
from tarazy.cli.errors import CliError
from tarazy.cli.journal.seek import command_at, command_frames, engine_before, events_of, last_seq, reader_before
from tarazy.domain.records import RECORD_SIZE
from tarazy.journal.snapshots import snapshot_path, snapshot_seqs

from .conftest import LAST_SEQ, TRADE_SEQ


def whole(directory: Path) -> bytes:
    """Return all commands of a journal, read from its start."""
    return b"".join(frame.commands for frame in command_frames(directory))


def test_command_is_the_same_from_the_nearest_snapshot_as_from_the_start(recorded: Path) -> None:
    commands = whole(recorded)
    assert len(commands) == LAST_SEQ * RECORD_SIZE
    for seq in range(1, LAST_SEQ + 1):
        assert command_at(recorded, seq) == commands[(seq - 1) * RECORD_SIZE : seq * RECORD_SIZE]
    assert last_seq(recorded) == LAST_SEQ


def test_reading_begins_behind_the_nearest_snapshot(recorded: Path) -> None:
    marks = snapshot_seqs(recorded)
    assert len(marks) == 2
    assert reader_before(recorded, marks[0]).position.next_seq == 1
    assert reader_before(recorded, marks[0] + 1).position.next_seq == marks[0] + 1
    assert reader_before(recorded).position.next_seq == marks[1] + 1


def test_bad_snapshot_is_passed_over(recorded: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(recorded, copy)
    for seq in snapshot_seqs(copy):
        snapshot_path(copy, seq).write_bytes(b"nothing of a snapshot")
    assert reader_before(copy).position.next_seq == 1
    assert command_at(copy, TRADE_SEQ) == command_at(recorded, TRADE_SEQ)
    assert last_seq(copy) == LAST_SEQ


def test_number_behind_the_end_is_refused_with_the_last_one(recorded: Path) -> None:
    with pytest.raises(CliError, match=f"expected a sequence number from 1 to {LAST_SEQ}, found {LAST_SEQ + 1}"):
        command_at(recorded, LAST_SEQ + 1)


def test_trial_gives_the_events_and_leaves_the_engine_as_it_is(recorded: Path) -> None:
    engine, record = engine_before(recorded, TRADE_SEQ), command_at(recorded, TRADE_SEQ)
    before = engine.state_digest()
    events = events_of(engine, record)
    assert engine.state_digest() == before
    assert engine.apply(record) == events


def test_trial_that_stops_is_said(recorded: Path) -> None:
    with pytest.raises(CliError, match="expected spec to apply command 1, found that it stopped"):
        events_of(load_engine("spec")(), b"no record")
