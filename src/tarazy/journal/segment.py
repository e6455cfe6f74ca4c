"""Segments: the files that hold the frames, `segments/00000001.seg`, `00000002.seg` and so on.

A segment is allocated in full before it gets its name, and reads as zeros where nothing was written. Its first 4096
bytes are its header (little-endian), the frames follow, and every byte between and behind them is zero. No frame spans
two segments.
    0    8   magic `TZSEGM01`
    8    u32 format, 12 u32 edition
    16   u64 segment, 24 u64 first_frame, 32 u64 first_seq, 40 u64 segment_bytes
    48   u32 sector_bytes, then four zero bytes
    56   u64 writer_term of the frame before the first one here, 0 before frame 1
    64   16  facility_id
    80   32  public_key: the one in facility.json
    112  32  prev_hash: hash of the last frame of the segment before; of the first: SHA-256 of facility.json
    144  32  SHA-256 of bytes 0 to 143
    176  .   zeros up to 4096
A frame starts at a multiple of sector_bytes, so that no later write touches a sector that an acknowledged frame uses.
"""

from __future__ import annotations

import os
import re
import struct
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tarazy.journal.errors import BrokenChainError, IdentityError, MissingSegmentError, SegmentHeaderError
from tarazy.journal.files import reading
from tarazy.journal.frame import FRAME_SIZE_MIN, Position
from tarazy.journal.identity import FORMAT, Identity
from tarazy.journal.opening import check_folder, open_plain, read_fully

SEGMENT_MAGIC = b"TZSEGM01"
SEGMENT_HEADER_SIZE = 4096

_FIELDS = struct.Struct("<8sIIQQQQIxxxxQ16s32s32s")
_NAME = re.compile(r"(\d{8,19})\.seg")


class SegmentHeader(NamedTuple):
    """The fixed part of a segment."""

    edition: int
    segment: int
    first_frame: int
    first_seq: int
    segment_bytes: int
    sector_bytes: int
    writer_term: int
    facility_id: bytes
    public_key: bytes
    prev_hash: bytes

    @property
    def first_offset(self) -> int:
        """Return where the first frame stands."""
        return max(SEGMENT_HEADER_SIZE, self.sector_bytes)

    @property
    def position(self) -> Position:
        """Return what the first frame continues."""
        return Position(self.first_frame, self.prev_hash, self.first_seq)

    def encode(self) -> bytes:
        """Return the 4096 bytes of the header."""
        fields = _FIELDS.pack(SEGMENT_MAGIC, FORMAT, *self)
        return (fields + sha256(fields).digest()).ljust(SEGMENT_HEADER_SIZE, b"\0")


def segment_header(identity: Identity, segment: int, position: Position, writer_term: int) -> SegmentHeader:
    """Return the header of the segment that starts with the frame at `position`."""
    return SegmentHeader(
        identity.edition,
        segment,
        position.frame_number,
        position.next_seq,
        identity.segment_bytes,
        identity.sector_bytes,
        writer_term,
        identity.facility_id,
        identity.public_key,
        position.prev_hash,
    )


def first_segment_header(identity: Identity) -> SegmentHeader:
    """Return the header of a facility's first segment."""
    return segment_header(identity, 1, genesis(identity), 0)


def genesis(identity: Identity) -> Position:
    """Return the position of the first frame of a facility."""
    return Position(1, identity.genesis_hash, 1)


def decode_segment_header(buffer: bytes) -> SegmentHeader | None:
    """Return the header in the first 4096 bytes of a segment, or None where it is not as it was written."""
    if len(buffer) < SEGMENT_HEADER_SIZE:
        return None
    header = SegmentHeader(*_FIELDS.unpack_from(buffer)[2:])
    return header if header.encode() == buffer[:SEGMENT_HEADER_SIZE] else None


def segment_path(directory: Path, index: int) -> Path:
    """Return the file of a segment."""
    return directory / "segments" / f"{index:08d}.seg"


def segment_count(directory: Path) -> int:
    """Return how many segments there are; one that is missing, or none at all, is a MissingSegmentError."""
    folder = directory / "segments"
    check_folder(folder)
    with reading(folder, "list the segments"):
        found = sorted(int(match[1]) for name in os.listdir(folder) if (match := _NAME.fullmatch(name)))
    last = found[-1] if found else 1
    for index in range(1, min(last, len(found) + 1) + 1):
        if index > len(found) or found[index - 1] != index:
            raise MissingSegmentError(
                segment_path(directory, index),
                expected=f"the segments 1 to {last}",
                found=f"{len(found)} segments, without number {index}",
                segment=index,
            )
    return len(found)


def read_segment_header(directory: Path, index: int, identity: Identity) -> SegmentHeader:
    """Read the header of one segment and refuse one of another facility."""
    path = segment_path(directory, index)
    with reading(path, "read the segment's header"):
        fd = open_plain(path)
        try:
            buffer = read_fully(fd, 0, SEGMENT_HEADER_SIZE)
        finally:
            os.close(fd)
    header = decode_segment_header(buffer)
    if header is None or header.segment != index:
        raise SegmentHeaderError(
            path,
            expected=f"the header of segment {index} with its SHA-256",
            found="other bytes" if header is None else f"the header of segment {header.segment}",
            segment=index,
            offset=0,
        )
    check_segment_identity(path, header, identity)
    return header


def check_segment_identity(path: Path, header: SegmentHeader, identity: Identity) -> None:
    """Refuse a segment of another facility, or of another size than the facility's segments have."""
    expected = (identity.facility_id, identity.public_key, identity.edition)
    found = (header.facility_id, header.public_key, header.edition)
    if expected != found:
        raise IdentityError(path, expected=_whose(*expected), found=_whose(*found), segment=header.segment)
    sizes, found_sizes = (identity.segment_bytes, identity.sector_bytes), (header.segment_bytes, header.sector_bytes)
    if sizes != found_sizes:
        raise IdentityError(
            path,
            expected=f"a segment of {sizes[0]} bytes with sectors of {sizes[1]}, as facility.json says",
            found=f"{found_sizes[0]} bytes with sectors of {found_sizes[1]}",
            segment=header.segment,
        )


def check_segment_continues(path: Path, header: SegmentHeader, position: Position) -> None:
    """Refuse a segment that does not continue the frames before it."""
    if position != header.position:
        expected, found = _what_next(position), _what_next(header.position)
        raise BrokenChainError(path, expected=expected, found=found, segment=header.segment, offset=0)


def frames_end(header: SegmentHeader, offset: int) -> bool:
    """Say whether not even the smallest frame fits at `offset`."""
    return header.segment_bytes - offset < FRAME_SIZE_MIN


def next_start(header: SegmentHeader, offset: int) -> int:
    """Return where the next frame may start at or behind `offset`: at a sector of its own."""
    return offset + -offset % header.sector_bytes


def _whose(facility_id: bytes, public_key: bytes, edition: int) -> str:
    return f"facility {facility_id.hex()} with key {public_key.hex()} in edition {edition}"


def _what_next(position: Position) -> str:
    number, prev_hash, seq = position
    return f"frame {number} and command {seq} next, after hash {prev_hash.hex()}"
