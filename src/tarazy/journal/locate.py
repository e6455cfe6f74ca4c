"""Find a frame in the local segments by its number: positions name frames, files and bytes are the log's own affair."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tarazy.journal.errors import BrokenChainError
from tarazy.journal.frame import HASH_SIZE, HEADER_SIZE, FrameHeader, Position, decode_header
from tarazy.journal.identity import Identity
from tarazy.journal.segment import (
    SegmentHeader,
    frames_end,
    next_start,
    read_segment_header,
    segment_count,
    segment_path,
)
from tarazy.journal.segment_file import SegmentFile
from tarazy.journal.tail import SegmentOffset


class Located(NamedTuple):
    """Where a position is, and the term of the writer of the frame before it."""

    place: SegmentOffset
    writer_term: int


def locate(directory: Path, identity: Identity, segments: int, position: Position) -> Located:
    """Return where the frame of a position stands, or goes. Reads headers only, from the start of one segment.

    Raises: BrokenChainError where the frames do not lead to the position; StorageError.
    """
    header = _segment_of(directory, identity, segments, position.frame_number)
    path = segment_path(directory, header.segment)
    before, place, term = header.position, SegmentOffset(header.segment, header.first_offset), header.writer_term
    with SegmentFile(path) as file:
        while before.frame_number < position.frame_number:
            found = _next(file, header, before, place.offset)
            if found is None:
                break
            frame, stored_hash = found
            before, term = before.after(frame, stored_hash), frame.writer_term
            place = place._replace(offset=next_start(header, place.offset + frame.frame_bytes))
    if before != position:
        raise BrokenChainError(
            path,
            expected=f"frame {position.frame_number} after hash {position.prev_hash.hex()}",
            found=f"frame {before.frame_number} after hash {before.prev_hash.hex()}",
            segment=header.segment,
            frame=before.frame_number,
            offset=place.offset,
        )
    return Located(place, term)


def position_of(directory: Path, identity: Identity, frame_number: int) -> Position:
    """Return the position of a frame, which a reader starts from. Reads headers only, from the start of one segment.

    Raises: BrokenChainError where the frames do not lead to it; StorageError.
    """
    header = _segment_of(directory, identity, segment_count(directory), frame_number)
    position, offset = header.position, header.first_offset
    path = segment_path(directory, header.segment)
    with SegmentFile(path) as file:
        while position.frame_number < frame_number:
            found = _next(file, header, position, offset)
            if found is None:
                expected = f"frame {frame_number}"
                raise BrokenChainError(path, expected=expected, found=f"none behind {position.frame_number - 1}")
            frame, stored_hash = found
            position, offset = position.after(frame, stored_hash), next_start(header, offset + frame.frame_bytes)
    return position


def _segment_of(directory: Path, identity: Identity, segments: int, frame_number: int) -> SegmentHeader:
    """Return the header of the last segment that does not begin behind a frame."""
    low, high = 1, segments
    while low < high:
        middle = (low + high + 1) // 2
        if read_segment_header(directory, middle, identity).first_frame <= frame_number:
            low = middle
        else:
            high = middle - 1
    return read_segment_header(directory, low, identity)


def _next(
    file: SegmentFile, segment: SegmentHeader, position: Position, offset: int
) -> tuple[FrameHeader, bytes] | None:
    """Return the header at a place and the hash stored behind its frame, or None where none continues the chain."""
    if frames_end(segment, offset):
        return None
    header = decode_header(file.read(offset, HEADER_SIZE))
    if header is None or Position(header.frame_number, header.prev_hash, header.first_seq) != position:
        return None
    stored = bytes(file.read(offset + header.frame_bytes - HASH_SIZE, HASH_SIZE))
    return (header, stored) if len(stored) == HASH_SIZE else None
