"""Reading a journal back."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from tarazy.journal.errors import (
    BrokenChainError,
    IdentityError,
    MissingSegmentError,
    NotAFacilityError,
    SegmentHeaderError,
    SegmentSizeError,
    UnusedBytesError,
)
from tarazy.journal.frame import FrameKind
from tarazy.journal.identity import load_identity
from tarazy.journal.reader import JournalReader, genesis
from tarazy.journal.segment import segment_count, segment_path
from tarazy.journal.statement import Statement

from .building import build, commands, create, frames_of

COUNTS = [5, 1, 9, 0, 12, 3, 0, 20, 7, 2]


def test_frames_come_back_in_order_across_segments(tmp_path: Path) -> None:
    frames = frames_of(build(tmp_path, COUNTS))
    assert segment_count(tmp_path) >= 2
    assert [frame.header.frame_number for frame in frames] == list(range(1, len(frames) + 1))
    payload = b"".join(frame.payload for frame in frames if frame.header.kind == FrameKind.commands)
    assert len(payload) == (sum(COUNTS) + 2) * 96
    assert all(after.header.prev_hash == before.frame_hash for before, after in pairwise(frames))
    assert frames[0].header.prev_hash == load_identity(tmp_path).genesis_hash


def test_payload_is_what_was_sent_but_for_the_time(tmp_path: Path) -> None:
    (frame,) = frames_of(build(tmp_path, [4]))
    sent = commands(4)
    for start in range(0, len(sent), 96):
        assert frame.payload[start : start + 8] == sent[start : start + 8]
        assert frame.payload[start + 8 : start + 16] != bytes(8)
        assert frame.payload[start + 16 : start + 96] == sent[start + 16 : start + 96]


def test_same_commands_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = build(tmp_path / "one", COUNTS), build(tmp_path / "two", COUNTS)
    for index in range(1, segment_count(one) + 1):
        assert segment_path(one, index).read_bytes() == segment_path(two, index).read_bytes()


def test_new_facility_has_no_frames_and_starts_at_one(tmp_path: Path) -> None:
    reader = JournalReader(create(tmp_path))
    assert list(reader) == []
    assert reader.position == genesis(reader.identity)
    assert (reader.position.frame_number, reader.position.next_seq) == (1, 1)


def test_reader_goes_on_from_any_position(tmp_path: Path) -> None:
    build(tmp_path, COUNTS)
    whole = frames_of(tmp_path)
    for skip in range(len(whole) + 1):
        first = JournalReader(tmp_path)
        frames = iter(first)
        for _ in range(skip):
            next(frames)
        assert list(JournalReader(tmp_path, start=first.position)) == whole[skip:]


def test_statement_speaks_of_the_frame_before_it(tmp_path: Path) -> None:
    frames = frames_of(build(tmp_path, [5, 0]))
    statement = Statement.unpack(frames[2].payload)
    assert (statement.seq, statement.frame_number, statement.frame_hash) == (6, 2, frames[1].frame_hash)
    assert statement.is_signed_by(load_identity(tmp_path).public_key)
    assert not statement._replace(seq=7).is_signed_by(load_identity(tmp_path).public_key)


def test_folder_without_facility_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotAFacilityError, match=r"expected facility\.json, found no such file"):
        JournalReader(tmp_path)


@pytest.mark.parametrize("missing", [1, 2])
def test_missing_segment_is_named(tmp_path: Path, missing: int) -> None:
    build(tmp_path, [30, 30, 30, 30])
    segment_path(tmp_path, missing).unlink()
    with pytest.raises(MissingSegmentError) as caught:
        frames_of(tmp_path)
    assert caught.value.segment == missing
    assert f"{missing:08d}.seg" in str(caught.value)


def test_facility_without_any_segment_is_damage(tmp_path: Path) -> None:
    create(tmp_path)
    segment_path(tmp_path, 1).unlink()
    with pytest.raises(MissingSegmentError):
        frames_of(tmp_path)


def test_segments_that_changed_places_break_the_chain(tmp_path: Path) -> None:
    build(tmp_path, [30, 30, 30, 30])
    one, two = segment_path(tmp_path, 1), segment_path(tmp_path, 2)
    first = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(first)
    with pytest.raises(SegmentHeaderError, match="found the header of segment 2"):
        frames_of(tmp_path)


def test_segment_of_another_facility_is_refused(tmp_path: Path) -> None:
    build(tmp_path, [5])
    (tmp_path / "facility.json").write_bytes((tmp_path / "facility.json").read_bytes().replace(b"0001", b"0002", 1))
    with pytest.raises(IdentityError, match="edition 1"):
        frames_of(tmp_path)


def test_changed_name_in_the_identity_breaks_the_chain(tmp_path: Path) -> None:
    build(tmp_path, [5])
    (tmp_path / "facility.json").write_bytes((tmp_path / "facility.json").read_bytes().replace(b"Test", b"Best"))
    with pytest.raises(BrokenChainError):
        frames_of(tmp_path)


def test_frame_that_was_taken_out_breaks_the_chain(tmp_path: Path) -> None:
    build(tmp_path, [2, 2, 2])
    first, second, third = frames_of(tmp_path)
    path = segment_path(tmp_path, 1)
    data = bytearray(path.read_bytes())
    size = second.header.frame_bytes
    data[second.offset : second.offset + size] = data[third.offset : third.offset + size]
    data[third.offset : third.offset + size] = bytes(size)
    path.write_bytes(data)
    with pytest.raises(BrokenChainError) as caught:
        frames_of(tmp_path)
    assert (caught.value.segment, caught.value.frame, caught.value.offset) == (1, 2, second.offset)
    assert first.frame_hash.hex() in str(caught.value)


@pytest.mark.parametrize("change", [-1, 1])
def test_earlier_segment_of_another_size_is_named(tmp_path: Path, change: int) -> None:
    build(tmp_path, [30, 30, 30])
    path = segment_path(tmp_path, 1)
    data = path.read_bytes()
    path.write_bytes(data[:-1] if change < 0 else data + b"\0")
    with pytest.raises(SegmentSizeError, match="expected 8192 bytes"):
        frames_of(tmp_path)


def test_byte_behind_the_frames_of_an_earlier_segment_is_damage(tmp_path: Path) -> None:
    build(tmp_path, [30, 30, 30])
    path = segment_path(tmp_path, 1)
    data = bytearray(path.read_bytes())
    data[-1] = 4
    path.write_bytes(data)
    with pytest.raises(UnusedBytesError, match="found the byte 04") as caught:
        frames_of(tmp_path)
    assert caught.value.offset == 8191
