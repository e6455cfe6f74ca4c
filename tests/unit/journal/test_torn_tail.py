"""A torn last frame is told from a changed one, for every set of sectors that a crash may leave unwritten."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tarazy.facility.sequencer.recovery import recover
from tarazy.journal.errors import ChangedByteError, DamageError, TornTailError
from tarazy.journal.files import Files
from tarazy.journal.frame import Frame
from tarazy.journal.segment import SECTOR_SIZE, segment_path
from tarazy.journal.verify import verify
from tests.simulation.tally_engine import TallyEngine

from .building import build, frames_of

WHOLE = 3  # frames that must survive


@pytest.fixture
def torn(tmp_path: Path) -> tuple[Path, Path, Frame]:
    """Return a journal whose last frame covers eight sectors, its segment file, and that frame."""
    build(tmp_path, [3, 1, 2, 38], segment_bytes=16384)
    frame = frames_of(tmp_path)[-1]
    return tmp_path, segment_path(tmp_path, 1), frame


def sectors(frame: Frame) -> list[tuple[int, int]]:
    """Return the part of the frame in each sector that it touches."""
    start, end = frame.offset, frame.offset + frame.header.frame_bytes
    edges = range(start // SECTOR_SIZE * SECTOR_SIZE, end, SECTOR_SIZE)
    return [(max(start, edge), min(end, edge + SECTOR_SIZE)) for edge in edges]


def erase(path: Path, parts: list[tuple[int, int]]) -> None:
    """Put zeros over parts of a file, as if they had never been written."""
    data = bytearray(path.read_bytes())
    for start, end in parts:
        data[start:end] = bytes(end - start)
    path.write_bytes(data)


def assert_is_cut(directory: Path, frame: Frame) -> None:
    """Check that verification names the torn frame and that a start cuts exactly it."""
    report = verify(directory)
    assert isinstance(report.damage, TornTailError)
    assert (report.damage.segment, report.damage.frame, report.damage.offset) == (1, WHOLE + 1, frame.offset)
    assert "torn" in str(report.damage)
    engine, position, recovery = recover(directory, TallyEngine, Files())
    assert (position.frame_number, position.offset, engine.next_seq) == (WHOLE + 1, frame.offset, 7)
    assert recovery.torn is not None
    assert "cut off" in recovery.notices[0]
    assert verify(directory).ok
    assert len(frames_of(directory)) == WHOLE


def test_frame_covers_many_sectors(torn: tuple[Path, Path, Frame]) -> None:
    assert len(sectors(torn[2])) >= 8


def test_write_that_stopped_at_any_sector_is_cut(torn: tuple[Path, Path, Frame]) -> None:
    directory, path, frame = torn
    whole = path.read_bytes()
    parts = sectors(frame)
    for kept in range(1, len(parts)):
        path.write_bytes(whole)
        erase(path, parts[kept:])
        assert_is_cut(directory, frame)


def test_write_that_lost_any_one_sector_is_cut(torn: tuple[Path, Path, Frame]) -> None:
    directory, path, frame = torn
    whole = path.read_bytes()
    for part in sectors(frame):
        path.write_bytes(whole)
        erase(path, [part])
        assert_is_cut(directory, frame)


def test_write_that_lost_any_set_of_sectors_is_cut(torn: tuple[Path, Path, Frame]) -> None:
    directory, path, frame = torn
    whole = path.read_bytes()
    parts = sectors(frame)
    chance = random.Random(11)
    for _ in range(60):
        path.write_bytes(whole)
        erase(path, chance.sample(parts, chance.randint(1, len(parts) - 1)))
        assert_is_cut(directory, frame)


def test_frame_that_was_not_written_at_all_is_no_damage(torn: tuple[Path, Path, Frame]) -> None:
    directory, path, frame = torn
    erase(path, sectors(frame))
    assert verify(directory).ok
    assert verify(directory).frames == WHOLE


def test_file_that_ends_inside_the_last_frame_is_cut(torn: tuple[Path, Path, Frame]) -> None:
    directory, path, frame = torn
    whole = path.read_bytes()
    for size in range(frame.offset, frame.offset + frame.header.frame_bytes, 97):
        path.write_bytes(whole[:size])
        assert_is_cut(directory, frame)
        assert path.stat().st_size == len(whole)


def test_file_that_ends_behind_the_last_frame_keeps_the_frame(torn: tuple[Path, Path, Frame]) -> None:
    directory, path, frame = torn
    whole = path.read_bytes()
    path.write_bytes(whole[: frame.offset + frame.header.frame_bytes])
    assert isinstance(verify(directory).damage, TornTailError)
    _, position, _ = recover(directory, TallyEngine, Files())
    assert position.frame_number == WHOLE + 2
    assert path.read_bytes() == whole


def test_changed_last_frame_is_not_cut(torn: tuple[Path, Path, Frame]) -> None:
    directory, path, frame = torn
    whole = path.read_bytes()
    for offset in range(frame.offset, frame.offset + frame.header.frame_bytes, 61):
        changed = bytearray(whole)
        changed[offset] ^= 16
        path.write_bytes(changed)
        with pytest.raises(ChangedByteError) as caught:
            recover(directory, TallyEngine, Files())
        assert caught.value.frame == WHOLE + 1
        assert path.read_bytes() == changed


def test_lost_sector_of_an_earlier_frame_is_not_cut(tmp_path: Path) -> None:
    build(tmp_path, [3, 38, 2], segment_bytes=16384)
    path = segment_path(tmp_path, 1)
    whole = path.read_bytes()
    middle = frames_of(tmp_path)[1]
    for part in sectors(middle):
        path.write_bytes(whole)
        erase(path, [part])
        with pytest.raises(DamageError) as caught:
            recover(tmp_path, TallyEngine, Files())
        assert not isinstance(caught.value, TornTailError)
        assert caught.value.frame in (2, None)


def test_torn_frame_of_an_earlier_segment_is_not_cut(tmp_path: Path) -> None:
    build(tmp_path, [30, 30])
    path = segment_path(tmp_path, 1)
    erase(path, sectors(frames_of(tmp_path)[0])[2:])
    with pytest.raises(ChangedByteError):
        recover(tmp_path, TallyEngine, Files())
