"""The events file: derived, repaired at the start, checked without an engine, made anew by one command."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tarazy.domain.records import EDITION
from tarazy.journal.create import create_facility
from tarazy.journal.errors import NotAPlainFileError
from tarazy.journal.events_file import EventsFile
from tarazy.journal.events_reader import EventsReader
from tarazy.journal.events_rebuild import check_events, open_events, rebuild_events
from tarazy.journal.events_record import (
    EVENTS_HEADER_SIZE,
    EventsError,
    EventsRecord,
    decode_record,
    events_folder,
    events_path,
    events_segments,
)
from tarazy.journal.identity import load_identity
from tarazy.journal.reader import JournalReader
from tests.simulation.tally_engine import TallyEngine

from .published import EVENTS_BYTES, Life, create

COUNTS = [1, 5, 2, 40, 3, 1, 30, 7, 60, 2, 90, 1, 1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a facility whose journal and events file have several segments."""
    directory = tmp_path / "facility"
    create(directory)
    life = Life(directory)
    for count in COUNTS:
        life.write(count)
    life.close()
    assert len(events_segments(events_folder(directory))) >= 4
    return directory


def contents(directory: Path) -> dict[str, bytes]:
    """Return the bytes of all events files."""
    return {path.name: path.read_bytes() for path in sorted(events_folder(directory).iterdir())}


def test_events_are_those_of_the_frames_and_check_says_so(folder: Path) -> None:
    report = check_events(folder)
    assert report.damage is None
    assert (report.frames, report.commands) == (len(COUNTS), sum(COUNTS))
    assert report.events == sum(frame.header.event_count for frame in JournalReader(folder))


def test_rebuilt_from_nothing_is_byte_for_byte_the_one_that_grew(folder: Path) -> None:
    grown = contents(folder)
    assert rebuild_events(folder, TallyEngine(), segment_bytes=EVENTS_BYTES).frames == len(COUNTS)
    assert contents(folder) == grown
    for path in events_folder(folder).iterdir():
        path.unlink()
    events_folder(folder).rmdir()
    assert check_events(folder).damage is not None
    rebuild_events(folder, TallyEngine(), segment_bytes=EVENTS_BYTES)
    assert contents(folder) == grown


@pytest.mark.parametrize("seed", range(25))
def test_whatever_a_crash_leaves_at_the_end_the_next_start_makes_whole(folder: Path, seed: int) -> None:
    chance, grown = random.Random(seed), contents(folder)
    last = events_segments(events_folder(folder))[-2:]
    for first_frame in chance.sample(last, chance.randint(1, 2)):
        path = events_path(events_folder(folder), first_frame)
        size = path.stat().st_size
        how = chance.randrange(4)
        if how == 0:
            os.truncate(path, chance.randrange(size))
        elif how == 1:
            path.unlink()
        else:  # pages that never reached the device read as zeros, or hold what was there before
            data, at = bytearray(path.read_bytes()), chance.randrange(size)
            filling = bytes(4096) if how == 2 else chance.randbytes(4096)
            data[at : at + 4096] = filling[: size - at]
            path.write_bytes(data)
    events_file, report = open_events(folder, TallyEngine, segment_bytes=EVENTS_BYTES)
    events_file.close()
    assert report.frames <= len(COUNTS)
    assert check_events(folder).damage is None, f"seed {seed}"
    assert b"".join(data[EVENTS_HEADER_SIZE:] for data in contents(folder).values()) == b"".join(
        data[EVENTS_HEADER_SIZE:] for data in grown.values()
    )


def test_start_that_finds_everything_replays_nothing(folder: Path) -> None:
    events_file, report = open_events(folder, TallyEngine, segment_bytes=EVENTS_BYTES)
    assert report.frames == 0
    assert events_file.last is not None
    assert events_file.last.frame_number == len(COUNTS)
    events_file.close()


def test_events_of_another_history_are_cut_and_made_anew(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    create(other)
    life = Life(other, salt=500)
    for count in COUNTS:
        life.write(count)
    life.close()
    assert contents(other) != contents(folder)
    for path in events_folder(folder).iterdir():
        path.unlink()
    for name, data in contents(other).items():
        (events_folder(folder) / name).write_bytes(data)
    assert isinstance(check_events(folder).damage, EventsError)
    events_file, report = open_events(folder, TallyEngine, segment_bytes=EVENTS_BYTES)
    events_file.close()
    assert report.cut_all
    assert check_events(folder).damage is None


@pytest.mark.parametrize("seed", range(12))
def test_changed_byte_is_found_and_named(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = events_path(events_folder(folder), chance.choice(events_segments(events_folder(folder))))
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)
    damage = check_events(folder).damage
    assert isinstance(damage, EventsError)
    assert path.name in str(damage)
    assert "tarazy events rebuild" in str(damage)


def test_missing_segment_between_others_is_found(folder: Path) -> None:
    segments = events_segments(events_folder(folder))
    events_path(events_folder(folder), segments[1]).unlink()
    assert isinstance(check_events(folder).damage, EventsError)


def test_frame_that_does_not_follow_is_refused(folder: Path) -> None:
    frames = list(JournalReader(folder))
    events_file, _ = open_events(folder, TallyEngine, segment_bytes=EVENTS_BYTES)
    with pytest.raises(EventsError, match="expected a frame with command"):
        events_file.append(frames[0], b"")
    events_file.close()


def test_record_that_claims_more_than_there_can_be_is_none() -> None:
    record = EventsRecord(1, 1, 1, 1 << 60, bytes(32), bytes(32))
    assert decode_record(record.encode()) is None
    assert decode_record(record._replace(event_count=2).encode()) is not None


def test_link_in_place_of_a_segment_is_refused(folder: Path) -> None:
    path = events_path(events_folder(folder), 1)
    path.unlink()
    path.symlink_to("/dev/zero")
    frame = next(iter(JournalReader(folder)))
    with EventsReader(folder, load_identity(folder)) as reader, pytest.raises(NotAPlainFileError):
        reader.read(frame)


def test_files_of_another_facility_are_refused(folder: Path, tmp_path: Path) -> None:
    create_facility(tmp_path / "stranger", "Stranger", edition=EDITION)
    stranger = load_identity(tmp_path / "stranger")
    frame = next(iter(JournalReader(folder)))
    with EventsReader(folder, stranger) as reader, pytest.raises(EventsError, match="this facility"):
        reader.read(frame)
    assert EventsFile(events_folder(folder), stranger).last is None
