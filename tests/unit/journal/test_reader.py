"""Reading a journal back."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from tarazy.journal.create import create_facility
from tarazy.journal.errors import (
    BrokenChainError,
    IdentityError,
    MissingSegmentError,
    NotAFacilityError,
    SegmentHeaderError,
    SegmentSizeError,
    UnusedBytesError,
)
from tarazy.journal.frame import FrameKind, Position
from tarazy.journal.identity import load_identity
from tarazy.journal.reader import JournalReader
from tarazy.journal.segment import genesis, segment_count, segment_path
from tests.simulation.plain_facility import PlainFacility, Unsynced

from .building import build, commands, create, frames_of, places_of

COUNTS = [5, 1, 9, 0, 12, 3, -1, 0, 20, 7, 2]


def test_frames_come_back_in_order_across_segments(tmp_path: Path) -> None:
    frames = frames_of(build(tmp_path / "a", COUNTS))
    assert segment_count(tmp_path / "a") >= 2
    assert [frame.header.frame_number for frame in frames] == list(range(1, len(frames) + 1))
    payload = b"".join(frame.commands for frame in frames if frame.header.kind == FrameKind.commands)
    assert len(payload) == (sum(count for count in COUNTS if count > 0) + 2) * 96
    assert all(after.header.prev_hash == before.frame_hash for before, after in pairwise(frames))
    assert frames[0].header.prev_hash == load_identity(tmp_path / "a").genesis_hash


def test_payload_is_what_was_sent_but_for_the_time(tmp_path: Path) -> None:
    (frame,) = frames_of(build(tmp_path / "a", [4]))
    sent = commands(4)
    for start in range(0, len(sent), 96):
        assert frame.commands[start : start + 8] == sent[start : start + 8]
        assert frame.commands[start + 8 : start + 16] != bytes(8)
        assert frame.commands[start + 16 : start + 96] == sent[start + 16 : start + 96]


def test_same_commands_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = build(tmp_path / "one", COUNTS), build(tmp_path / "two", COUNTS)
    for index in range(1, segment_count(one) + 1):
        assert segment_path(one, index).read_bytes() == segment_path(two, index).read_bytes()


def test_new_facility_has_no_frames_and_starts_at_one(tmp_path: Path) -> None:
    reader = JournalReader(create(tmp_path / "a"))
    assert list(reader) == []
    assert reader.position == genesis(reader.identity)
    assert (reader.position.frame_number, reader.position.next_seq) == (1, 1)


def test_reader_goes_on_from_any_position(tmp_path: Path) -> None:
    build(tmp_path / "a", COUNTS)
    whole = frames_of(tmp_path / "a")
    for skip in range(len(whole) + 1):
        first = JournalReader(tmp_path / "a")
        frames = iter(first)
        for _ in range(skip):
            next(frames)
        assert list(JournalReader(tmp_path / "a", start=first.position)) == whole[skip:]


def test_reader_stops_at_the_last_frame_that_was_asked_for(tmp_path: Path) -> None:
    build(tmp_path / "a", COUNTS)
    whole = frames_of(tmp_path / "a")
    path = segment_path(tmp_path / "a", segment_count(tmp_path / "a"))
    data = bytearray(path.read_bytes())
    data[-1] = 1
    path.write_bytes(data)
    for last in range(len(whole)):
        assert list(JournalReader(tmp_path / "a", last_frame=last)) == whole[:last]


def test_position_that_the_journal_does_not_have_is_refused(tmp_path: Path) -> None:
    build(tmp_path / "a", COUNTS)
    whole = frames_of(tmp_path / "a")
    other = Position(3, b"\0" * 32, whole[2].header.first_seq)
    behind = Position(len(whole) + 2, whole[-1].frame_hash, whole[-1].header.next_seq)
    for position in (other, behind):
        with pytest.raises(BrokenChainError, match=f"expected frame {position.frame_number} after hash"):
            JournalReader(tmp_path / "a", start=position)


def test_frame_starts_at_a_sector_of_its_own(tmp_path: Path) -> None:
    for sector_bytes in (512, 4096):
        directory = build(tmp_path / str(sector_bytes), [1, 2, 3], 1 << 16, sector_bytes)
        assert [place.offset % sector_bytes for place in places_of(directory)] == [0, 0, 0]
        assert len(frames_of(directory)) == 3


def test_byte_between_two_frames_is_damage(tmp_path: Path) -> None:
    build(tmp_path / "a", [1, 1])
    path = segment_path(tmp_path / "a", 1)
    data = bytearray(path.read_bytes())
    offset = places_of(tmp_path / "a")[1].offset - 1
    data[offset] = 4
    path.write_bytes(data)
    with pytest.raises(UnusedBytesError, match="found the byte 04") as caught:
        frames_of(tmp_path / "a")
    assert caught.value.offset == offset


def test_every_start_writes_under_a_higher_term(tmp_path: Path) -> None:
    create(tmp_path / "a")
    for _ in range(4):
        with PlainFacility(tmp_path / "a", Unsynced()) as facility:
            facility.execute(commands(20))
    assert [frame.header.writer_term for frame in frames_of(tmp_path / "a")] == [1, 2, 3, 4]


def test_folder_without_facility_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotAFacilityError, match=r"expected facility\.json, found no such file"):
        JournalReader(tmp_path / "a")


@pytest.mark.parametrize("missing", [1, 2])
def test_missing_segment_is_named(tmp_path: Path, missing: int) -> None:
    build(tmp_path / "a", [30, 30, 30, 30])
    segment_path(tmp_path / "a", missing).unlink()
    with pytest.raises(MissingSegmentError) as caught:
        frames_of(tmp_path / "a")
    assert caught.value.segment == missing
    assert f"{missing:08d}.seg" in str(caught.value)


def test_facility_without_any_segment_is_damage(tmp_path: Path) -> None:
    create(tmp_path / "a")
    segment_path(tmp_path / "a", 1).unlink()
    with pytest.raises(MissingSegmentError):
        frames_of(tmp_path / "a")


def test_segments_that_changed_places_break_the_chain(tmp_path: Path) -> None:
    build(tmp_path / "a", [30, 30, 30, 30])
    one, two = segment_path(tmp_path / "a", 1), segment_path(tmp_path / "a", 2)
    first = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(first)
    with pytest.raises(SegmentHeaderError, match=r"found the header of segment [12]"):
        frames_of(tmp_path / "a")


def test_segment_of_another_facility_is_refused(tmp_path: Path) -> None:
    build(tmp_path / "a", [5])
    create_facility(tmp_path / "b", "Other", edition=1, segment_bytes=8192, sector_bytes=512)
    (tmp_path / "a" / "facility.json").write_bytes((tmp_path / "b" / "facility.json").read_bytes())
    with pytest.raises(IdentityError, match="edition 1"):
        frames_of(tmp_path / "a")


def test_segment_of_another_size_than_the_facility_says_is_refused(tmp_path: Path) -> None:
    build(tmp_path / "a", [5])
    build(tmp_path / "b", [5], segment_bytes=16384)
    segment_path(tmp_path / "a", 1).write_bytes(segment_path(tmp_path / "b", 1).read_bytes())
    with pytest.raises(IdentityError, match=r"expected a segment of 8192 bytes with sectors of 512.*found 16384"):
        frames_of(tmp_path / "a")


def test_frame_that_was_taken_out_breaks_the_chain(tmp_path: Path) -> None:
    build(tmp_path / "a", [2, 2, 2])
    frames = frames_of(tmp_path / "a")
    second, third = (place.offset for place in places_of(tmp_path / "a")[1:])
    path = segment_path(tmp_path / "a", 1)
    data = bytearray(path.read_bytes())
    data[second:third], data[third : third + 512] = data[third : third + 512], bytes(512)
    path.write_bytes(data)
    with pytest.raises(BrokenChainError) as caught:
        frames_of(tmp_path / "a")
    assert (caught.value.segment, caught.value.frame, caught.value.offset) == (1, 2, second)
    assert frames[0].frame_hash.hex() in str(caught.value)


@pytest.mark.parametrize("change", [-1, 1])
def test_earlier_segment_of_another_size_is_named(tmp_path: Path, change: int) -> None:
    build(tmp_path / "a", [30, 30, 30])
    path = segment_path(tmp_path / "a", 1)
    data = path.read_bytes()
    path.write_bytes(data[:-1] if change < 0 else data + b"\0")
    with pytest.raises(SegmentSizeError, match="expected 8192 bytes"):
        frames_of(tmp_path / "a")


def test_byte_behind_the_frames_of_an_earlier_segment_is_damage(tmp_path: Path) -> None:
    build(tmp_path / "a", [30, 30, 30])
    path = segment_path(tmp_path / "a", 1)
    data = bytearray(path.read_bytes())
    data[-1] = 4
    path.write_bytes(data)
    with pytest.raises(UnusedBytesError, match="found the byte 04") as caught:
        frames_of(tmp_path / "a")
    assert caught.value.offset == 8191
