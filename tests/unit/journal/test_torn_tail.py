"""A torn last frame is told from a changed one, for every set of sectors that a crash may leave unwritten."""

from __future__ import annotations

import random
from pathlib import Path
from typing import NamedTuple

import pytest

from tarazy.domain.records import AdvanceTime
from tarazy.facility.sequencer.recovery import recover
from tarazy.journal.errors import ChangedByteError, DamageError, EmptySectorError, TornTailError
from tarazy.journal.frame import Frame, FrameDraft, FrameKind
from tarazy.journal.reader import JournalReader
from tarazy.journal.segment import segment_path
from tarazy.journal.tail import DEVICE_SECTOR, SegmentOffset
from tarazy.journal.verify import verify
from tests.simulation.plain_facility import PlainFacility, Unsynced
from tests.simulation.tally_engine import TallyEngine

from .building import build, commands, frames_of, places_of

WHOLE = 3  # frames that must survive


class Last(NamedTuple):
    """The last frame and where it stands."""

    frame: Frame
    place: SegmentOffset

    @property
    def offset(self) -> int:
        """Return its first byte."""
        return self.place.offset

    @property
    def end(self) -> int:
        """Return the byte behind it."""
        return self.place.offset + self.frame.header.frame_bytes


Torn = tuple[Path, Path, Last]


@pytest.fixture
def torn(tmp_path: Path) -> Torn:
    """Return a journal whose last frame covers eight sectors, its segment file, and that frame."""
    build(tmp_path / "a", [3, 1, 2, 38], segment_bytes=16384)
    return (
        tmp_path / "a",
        segment_path(tmp_path / "a", 1),
        Last(frames_of(tmp_path / "a")[-1], places_of(tmp_path / "a")[-1]),
    )


def sectors(frame: Last) -> list[tuple[int, int]]:
    """Return the part of the frame in each sector that it touches."""
    start, end = frame.offset, frame.end
    edges = range(start // DEVICE_SECTOR * DEVICE_SECTOR, end, DEVICE_SECTOR)
    return [(max(start, edge), min(end, edge + DEVICE_SECTOR)) for edge in edges]


def erase(path: Path, parts: list[tuple[int, int]]) -> None:
    """Put zeros over parts of a file, as if they had never been written."""
    data = bytearray(path.read_bytes())
    for start, end in parts:
        data[start:end] = bytes(end - start)
    path.write_bytes(data)


def assert_is_cut(directory: Path, frame: Last) -> None:
    """Check that verification names the torn frame and that a start cuts exactly it."""
    report = verify(directory)
    assert isinstance(report.damage, TornTailError)
    assert (report.damage.segment, report.damage.frame, report.damage.offset) == (1, WHOLE + 1, frame.offset)
    assert "torn" in str(report.damage)
    engine, position, recovery = recover(directory, TallyEngine, Unsynced())
    assert (position.frame_number, engine.next_seq) == (WHOLE + 1, 7)
    assert recovery.torn is not None
    assert "cut off" in recovery.notices[0]
    assert verify(directory).ok
    assert len(frames_of(directory)) == WHOLE


def test_frame_covers_many_sectors(torn: Torn) -> None:
    assert len(sectors(torn[2])) >= 8


def test_write_that_stopped_at_any_sector_is_cut(torn: Torn) -> None:
    directory, path, frame = torn
    whole = path.read_bytes()
    parts = sectors(frame)
    for kept in range(1, len(parts)):
        path.write_bytes(whole)
        erase(path, parts[kept:])
        assert_is_cut(directory, frame)


def test_write_that_lost_any_one_sector_is_cut(torn: Torn) -> None:
    directory, path, frame = torn
    whole = path.read_bytes()
    for part in sectors(frame):
        path.write_bytes(whole)
        erase(path, [part])
        assert_is_cut(directory, frame)


def test_write_that_lost_any_set_of_sectors_is_cut(torn: Torn) -> None:
    directory, path, frame = torn
    whole = path.read_bytes()
    parts = sectors(frame)
    chance = random.Random(11)
    for _ in range(60):
        path.write_bytes(whole)
        erase(path, chance.sample(parts, chance.randint(1, len(parts) - 1)))
        assert_is_cut(directory, frame)


def test_frame_that_was_not_written_at_all_is_no_damage(torn: Torn) -> None:
    directory, path, frame = torn
    erase(path, sectors(frame))
    assert verify(directory).ok
    assert verify(directory).frames == WHOLE


def test_file_that_ends_inside_the_last_frame_is_cut(torn: Torn) -> None:
    directory, path, frame = torn
    whole = path.read_bytes()
    for size in range(frame.offset, frame.end, 97):
        path.write_bytes(whole[:size])
        assert_is_cut(directory, frame)
        assert path.stat().st_size == len(whole)


def test_file_that_ends_behind_the_last_frame_keeps_the_frame(torn: Torn) -> None:
    directory, path, frame = torn
    whole = path.read_bytes()
    path.write_bytes(whole[: frame.end])
    assert isinstance(verify(directory).damage, TornTailError)
    _, position, _ = recover(directory, TallyEngine, Unsynced())
    assert position.frame_number == WHOLE + 2
    assert path.read_bytes() == whole


def test_changed_last_frame_is_not_cut(torn: Torn) -> None:
    directory, path, frame = torn
    whole = path.read_bytes()
    for offset in range(frame.offset, frame.end, 61):
        changed = bytearray(whole)
        changed[offset] ^= 16
        path.write_bytes(changed)
        with pytest.raises(ChangedByteError) as caught:
            recover(directory, TallyEngine, Unsynced())
        assert caught.value.frame == WHOLE + 1
        assert path.read_bytes() == changed


def test_lost_sector_of_an_earlier_frame_is_not_cut(tmp_path: Path) -> None:
    build(tmp_path / "a", [3, 38, 2], segment_bytes=16384)
    path = segment_path(tmp_path / "a", 1)
    whole = path.read_bytes()
    middle = Last(frames_of(tmp_path / "a")[1], places_of(tmp_path / "a")[1])
    for part in sectors(middle):
        path.write_bytes(whole)
        erase(path, [part])
        with pytest.raises(DamageError) as caught:
            recover(tmp_path / "a", TallyEngine, Unsynced())
        assert not isinstance(caught.value, TornTailError)
        assert caught.value.frame in (2, None)


def test_torn_frame_of_an_earlier_segment_is_not_cut(tmp_path: Path) -> None:
    build(tmp_path / "a", [30, 30])
    path = segment_path(tmp_path / "a", 1)
    erase(path, sectors(Last(frames_of(tmp_path / "a")[0], places_of(tmp_path / "a")[0]))[2:])
    with pytest.raises(ChangedByteError):
        recover(tmp_path / "a", TallyEngine, Unsynced())


def test_write_that_stopped_at_any_byte_is_cut_or_finished(torn: Torn) -> None:
    directory, path, last = torn
    whole = path.read_bytes()
    for stop in [*range(last.offset + 1, last.end - 32, 37), *range(last.end - 200, last.end)]:
        path.write_bytes(whole[:stop].ljust(len(whole), b"\0"))
        found = path.read_bytes()[last.end - 32 : last.end]
        if found[:1] == b"\0" or stop <= last.end - 32:
            assert_is_cut(directory, last)
            continue
        if found == whole[last.end - 32 : last.end]:
            continue  # the hash itself ends in zeros
        assert isinstance(verify(directory).damage, TornTailError), stop
        _, position, recovery = recover(directory, TallyEngine, Unsynced())
        assert position.frame_number == WHOLE + 2, stop
        assert "finished" in recovery.notices[0]
        assert path.read_bytes() == whole
        assert verify(directory).ok


def test_commands_with_nothing_but_a_kind_and_a_time_leave_no_sector_of_zeros(tmp_path: Path) -> None:
    directory = build(tmp_path / "a", [], segment_bytes=1 << 15)
    with PlainFacility(directory, Unsynced(), clock_ns=lambda: 1) as facility:
        facility.execute(AdvanceTime().pack() * 200)
    (frame,), (place,) = frames_of(directory), places_of(directory)
    path = segment_path(directory, 1)
    whole = path.read_bytes()
    for offset in range(place.offset, place.offset + frame.header.frame_bytes, 53):
        changed = bytearray(whole)
        changed[offset] ^= 128
        path.write_bytes(changed)
        with pytest.raises(ChangedByteError):
            recover(directory, TallyEngine, Unsynced())


def test_frame_that_claims_more_than_any_frame_has_is_not_taken_for_torn(torn: Torn) -> None:
    directory, path, last = torn
    header = last.frame.header._replace(command_count=(64 << 30) // 96, commands_bytes=64 << 30)
    path.write_bytes((path.read_bytes()[: last.offset] + header.encode()).ljust(16384, b"\0"))
    with pytest.raises(ChangedByteError):
        recover(directory, TallyEngine, Unsynced())


def test_frame_with_a_sector_of_zeros_is_not_written(tmp_path: Path) -> None:
    directory = build(tmp_path / "a", [3])
    with PlainFacility(directory, Unsynced()) as facility:
        before = facility.log.position
        with pytest.raises(EmptySectorError, match="hash is zero"):
            facility.append(FrameDraft(FrameKind.commands, commands(1), b"\1" + bytes(600), b"", 0, bytes(32), 1))
        assert facility.log.position == before
        facility.head()
    assert verify(directory).ok


@pytest.mark.parametrize("sector_bytes", [512, 1024, 4096])
@pytest.mark.parametrize("filling", [b"\0", b"\xa5"])
def test_later_write_that_spoils_its_sectors_hurts_no_acknowledged_frame(
    tmp_path: Path, sector_bytes: int, filling: bytes
) -> None:
    directory = build(tmp_path / "a", [1, 2, 1, 5], 1 << 16, sector_bytes)
    whole, last = frames_of(directory), places_of(directory)[-1]
    size = whole[-1].header.frame_bytes
    first, end = last.offset // sector_bytes, -(-(last.offset + size) // sector_bytes)
    data = bytearray(segment_path(directory, 1).read_bytes())
    data[first * sector_bytes : end * sector_bytes] = filling * ((end - first) * sector_bytes)
    segment_path(directory, 1).write_bytes(data)
    assert list(JournalReader(directory, last_frame=WHOLE)) == whole[:-1]
