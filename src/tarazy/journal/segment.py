"""Segments: the files that hold the frames, `segments/00000001.seg`, `00000002.seg` and so on.

A segment is allocated in full and filled with zeros before it gets its name. Its first 4096 bytes are its header
(little-endian), the frames follow, and every byte behind the last frame is zero. No frame spans two segments.
    0    8   magic `TZSEGM01`
    8    u32 format, 12 u32 edition
    16   u64 segment, 24 u64 first_frame, 32 u64 first_seq, 40 u64 segment_bytes
    48   16  facility_id
    64   32  public_key
    96   32  prev_hash: hash of the last frame of the segment before; of the first: SHA-256 of facility.json
    128  32  SHA-256 of bytes 0 to 127
    160  .   zeros up to 4096
"""

from __future__ import annotations

import re
import struct
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tarazy.journal.errors import BrokenChainError, IdentityError, MissingSegmentError, SegmentHeaderError
from tarazy.journal.files import reading
from tarazy.journal.frame import FRAME_SIZE_MIN, Position
from tarazy.journal.identity import FORMAT, Identity

SEGMENT_MAGIC = b"TZSEGM01"
SEGMENT_HEADER_SIZE = 4096
SEGMENT_BYTES = 64 << 20
SEGMENT_BYTES_MIN = 8192
SECTOR_SIZE = 512

_FIELDS = struct.Struct("<8sIIQQQQ16s32s32s")
_DIGEST_END = _FIELDS.size + 32
_NAME = re.compile(r"(\d{8,})\.seg")


class SegmentHeader(NamedTuple):
    """The fixed part of a segment."""

    edition: int
    segment: int
    first_frame: int
    first_seq: int
    segment_bytes: int
    facility_id: bytes
    public_key: bytes
    prev_hash: bytes

    def encode(self) -> bytes:
        """Return the 4096 bytes of the header."""
        fields = _FIELDS.pack(SEGMENT_MAGIC, FORMAT, *self)
        return (fields + sha256(fields).digest()).ljust(SEGMENT_HEADER_SIZE, b"\0")


def decode_segment_header(buffer: bytes) -> SegmentHeader | None:
    """Return the header in the first 4096 bytes of a segment, or None where it is not as it was written."""
    if len(buffer) < SEGMENT_HEADER_SIZE or any(buffer[_DIGEST_END:SEGMENT_HEADER_SIZE]):
        return None
    if sha256(buffer[: _FIELDS.size]).digest() != buffer[_FIELDS.size : _DIGEST_END]:
        return None
    magic, journal_format, *fields = _FIELDS.unpack_from(buffer)
    return SegmentHeader(*fields) if (magic, journal_format) == (SEGMENT_MAGIC, FORMAT) else None


def segment_path(directory: Path, index: int) -> Path:
    """Return the file of a segment."""
    return directory / "segments" / f"{index:08d}.seg"


def segment_count(directory: Path) -> int:
    """Return how many segments there are; one that is missing, or none at all, is a MissingSegmentError."""
    folder = directory / "segments"
    with reading(folder, "list the segments"):
        found = sorted(int(match[1]) for name in folder.iterdir() if (match := _NAME.fullmatch(name.name)))
    last = found[-1] if found else 1
    for index in range(1, last + 1):
        if index > len(found) or found[index - 1] != index:
            raise MissingSegmentError(
                segment_path(directory, index),
                expected=f"the segments 1 to {last}",
                found=f"{len(found)} segments, without number {index}",
                segment=index,
            )
    return len(found)


def read_segment_header(directory: Path, index: int) -> SegmentHeader:
    """Read the header of one segment."""
    path = segment_path(directory, index)
    with reading(path, "read the segment's header"), path.open("rb") as file:
        buffer = file.read(SEGMENT_HEADER_SIZE)
    header = decode_segment_header(buffer)
    if header is None or header.segment != index:
        raise SegmentHeaderError(
            path,
            expected=f"the header of segment {index} with its SHA-256",
            found="other bytes" if header is None else f"the header of segment {header.segment}",
            segment=index,
            offset=0,
        )
    return header


def check_segment_identity(path: Path, header: SegmentHeader, identity: Identity) -> None:
    """Refuse a segment of another facility."""
    expected = (identity.facility_id, identity.public_key, identity.edition)
    found = (header.facility_id, header.public_key, header.edition)
    if expected != found:
        raise IdentityError(path, expected=_whose(*expected), found=_whose(*found), segment=header.segment)


def check_segment_continues(path: Path, header: SegmentHeader, position: Position) -> None:
    """Refuse a segment that does not continue the frames before it."""
    expected = (position.frame_number, position.next_seq, position.prev_hash)
    found = (header.first_frame, header.first_seq, header.prev_hash)
    if expected != found:
        raise BrokenChainError(
            path, expected=_what_next(*expected), found=_what_next(*found), segment=header.segment, offset=0
        )


def frames_end(header: SegmentHeader, offset: int) -> bool:
    """Say whether not even the smallest frame fits behind `offset`."""
    return header.segment_bytes - offset < FRAME_SIZE_MIN


def _whose(facility_id: bytes, public_key: bytes, edition: int) -> str:
    return f"facility {facility_id.hex()} with key {public_key.hex()} in edition {edition}"


def _what_next(frame_number: int, seq: int, prev_hash: bytes) -> str:
    return f"frame {frame_number} and command {seq} next, after hash {prev_hash.hex()}"
