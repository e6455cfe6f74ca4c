"""Judge bytes that are not a valid frame: were they cut off by a crash, or changed afterwards?

A write that a crash cut off leaves a part of the frame as it was before, and before it was zero:
- a 512-byte sector that was never written is all zero. No such sector of a whole frame is: the first bytes are the
  magic, the last ones a hash, every command between has a time that is not zero, every entry of the other sections a
  length, and the longest run of zeros that these allow is shorter than 150 bytes;
- a write that stopped inside a sector leaves zeros from there to the end of the segment, so the frame's hash is
  missing. Where only the end of the hash is missing the frame is whole: it is finished instead of being cut.
So a damaged frame counts as torn only when it is the last one and one of these is seen. Everything else was written in
full and then changed.

Known limit: a device that forgets a sector of the last frame after it confirmed the sync looks like a crash.
"""

from __future__ import annotations

from typing import NamedTuple

from tarazy.journal.errors import ChangedByteError, DamageError, TornTailError, UnusedBytesError
from tarazy.journal.frame import HASH_SIZE, HEADER_SIZE, FrameHeader, has_header_digest
from tarazy.journal.segment_file import SegmentFile

DEVICE_SECTOR = 512  # the least that a device writes in one piece


class Place(NamedTuple):
    """Where a frame stands, or the next one goes, in the local files."""

    segment: int
    offset: int


def judge(
    file: SegmentFile,
    place: Place,
    frame_number: int,
    header: FrameHeader | None,
    computed_hash: bytes = b"",
    *,
    is_last_segment: bool,
) -> DamageError:
    """Return what is wrong at `place`; `header` is the frame's header where that is whole."""
    if is_last_segment and not _is_followed(file, place, frame_number, header):
        missing = _missing(file, place.offset, header)
        hash_end = b"" if header is None or missing else _unwritten_hash(file, place.offset, header, computed_hash)
        if missing or hash_end:
            return TornTailError(
                file.path,
                expected="a whole frame",
                found=missing or "a hash of which only the first bytes were written",
                segment=place.segment,
                frame=frame_number,
                offset=place.offset,
                hash_end=hash_end,
                hash_end_at=0 if header is None else place.offset + header.frame_bytes - len(hash_end),
            )
    if header is None and is_zero(file.read(place.offset, HEADER_SIZE)):
        return unused_bytes_error(file, place, frame_number, place.offset)
    return changed_byte_error(file, place, frame_number, "header" if header is None else "sections or hash")


def _missing(file: SegmentFile, offset: int, header: FrameHeader | None) -> str:
    """Say what of the frame at `offset` was never written, or return an empty string."""
    size = HEADER_SIZE if header is None else header.frame_bytes
    if offset + size > file.size:
        return f"a file that ends at byte {file.size}"
    if header is None:
        head = file.read(offset, size)
        if is_zero(head):
            return f"zeros in the sector at byte {offset}"
        if has_header_digest(head):  # written as it stands, with lengths that no frame has
            return ""
        return (
            "" if file.first_nonzero(offset + size, file.size) is not None else f"only zeros from byte {offset + size}"
        )
    data = bytes(file.read(offset, size))
    for start in range(0, size, DEVICE_SECTOR):
        if not data[start : start + DEVICE_SECTOR].strip(b"\0"):
            return f"zeros in the sector at byte {offset + start}"
    return f"zeros for the hash at byte {offset + size - HASH_SIZE}" if is_zero(data[-HASH_SIZE:]) else ""


def _unwritten_hash(file: SegmentFile, offset: int, header: FrameHeader, computed_hash: bytes) -> bytes:
    """Return the bytes that the stored hash lacks when the frame before them is what was written; else nothing."""
    stored = bytes(file.read(offset + header.frame_bytes - HASH_SIZE, HASH_SIZE)).rstrip(b"\0")
    is_beginning = stored and computed_hash.startswith(stored)
    return computed_hash[len(stored) :] if is_beginning else b""


def _is_followed(file: SegmentFile, place: Place, frame_number: int, header: FrameHeader | None) -> bool:
    """Say whether something stands behind the frame; a frame is only begun when the one before is durable."""
    if header is None:
        return file.has_frame_header(place.offset + 1, frame_number)
    return file.first_nonzero(place.offset + header.frame_bytes, file.size) is not None


def is_zero(data: memoryview | bytes) -> bool:
    """Say whether all of a few bytes are zero."""
    return bytes(data) == bytes(len(data))


def unused_bytes_error(file: SegmentFile, place: Place, frame_number: int, start: int) -> UnusedBytesError:
    """Return the error for a byte from `start` on that is not zero; `frame_number` is the next frame's."""
    offset = file.first_nonzero(start, file.size)
    at = start if offset is None else offset
    return UnusedBytesError(
        file.path,
        expected=f"zeros behind frame {frame_number - 1}",
        found=f"the byte {file.read(at, 1).hex()}",
        segment=place.segment,
        offset=at,
    )


def changed_byte_error(file: SegmentFile, place: Place, frame_number: int, part: str) -> ChangedByteError:
    """Return the error for a frame that does not have its hash."""
    return ChangedByteError(
        file.path,
        expected=f"the {part} that was written with the frame's SHA-256",
        found="other bytes",
        segment=place.segment,
        frame=frame_number,
        offset=place.offset,
    )
