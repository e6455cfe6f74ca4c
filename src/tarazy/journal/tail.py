"""Judge bytes that are not a valid frame: were they cut off by a crash, or changed afterwards?

A crash while a frame is written leaves some of its sectors as they were before, and before they were zero. No sector
of a whole frame is all zero: the first bytes are the magic, the last ones a hash, and every command between has a
kind and a time. So a damaged frame counts as torn only when it is the last one and a sector that should hold data is
all zero, or the file ends inside it. Everything else was written in full and then changed.

Known limit: a device that forgets a sector of the last frame after it confirmed the sync looks like a crash.
"""

from __future__ import annotations

from tarazy.journal.errors import ChangedByteError, DamageError, TornTailError, UnusedBytesError
from tarazy.journal.frame import HEADER_SIZE, FrameHeader, Position
from tarazy.journal.segment import SECTOR_SIZE
from tarazy.journal.segment_file import SegmentFile


def judge(file: SegmentFile, position: Position, header: FrameHeader | None, *, is_last_segment: bool) -> DamageError:
    """Return what is wrong at `position`; `header` is the frame's header where that is whole."""
    missing = missing_sector(file, position.offset, HEADER_SIZE if header is None else header.frame_bytes)
    if is_last_segment and missing and not _is_followed(file, position, header):
        return TornTailError(
            file.path,
            expected="a whole frame",
            found=missing,
            segment=position.segment,
            frame=position.frame_number,
            offset=position.offset,
        )
    if header is None and is_zero(file.read(position.offset, HEADER_SIZE)):
        return unused_bytes_error(file, position, position.offset)
    return changed_byte_error(file, position, "header" if header is None else "payload or hash")


def missing_sector(file: SegmentFile, offset: int, size: int) -> str:
    """Say which sector of [offset, offset + size) was never written, or return an empty string."""
    if offset + size > file.size:
        return f"a file that ends at byte {file.size}"
    data = file.read(offset, size)
    start = 0
    while start < size:
        end = min(size, start + SECTOR_SIZE - (offset + start) % SECTOR_SIZE)
        if is_zero(data[start:end]):
            return f"zeros in the sector at byte {(offset + start) // SECTOR_SIZE * SECTOR_SIZE}"
        start = end
    return ""


def _is_followed(file: SegmentFile, position: Position, header: FrameHeader | None) -> bool:
    """Say whether something stands behind the frame; a frame is only begun when the one before is durable."""
    if header is None:
        return file.has_frame_header(position.offset + 1, position.frame_number)
    return file.first_nonzero(position.offset + header.frame_bytes, file.size) is not None


def is_zero(data: memoryview) -> bool:
    """Say whether all of a few bytes are zero."""
    return bytes(data) == bytes(len(data))


def unused_bytes_error(file: SegmentFile, position: Position, start: int) -> UnusedBytesError:
    """Return the error for a byte behind the last frame that is not zero."""
    offset = file.first_nonzero(start, file.size)
    at = start if offset is None else offset
    return UnusedBytesError(
        file.path,
        expected=f"zeros behind frame {position.frame_number - 1}",
        found=f"the byte {file.read(at, 1).hex()}",
        segment=position.segment,
        offset=at,
    )


def changed_byte_error(file: SegmentFile, position: Position, part: str) -> ChangedByteError:
    """Return the error for a frame that does not have its hash."""
    return ChangedByteError(
        file.path,
        expected=f"the {part} that was written with the frame's SHA-256",
        found="other bytes",
        segment=position.segment,
        frame=position.frame_number,
        offset=position.offset,
    )
