"""Events files: what the commands of each frame caused, kept beside the journal so that not everybody needs an engine.

They are derived: an engine makes them again from the journal at any time, so they are not synced frame by frame, and
nobody believes them unless they have the digest that the frame states. `events/<frame>.events`, 20 digits, is a segment
that begins with the record of that frame. All numbers are little-endian.

Segment header, 80 bytes:
    0    8   magic `TZEVSEG1`, 8 u32 format, 12 u32 edition of the state machine
    16   16  facility_id
    32   u64 first_frame, 40 u64 segment_bytes: a record that would end behind it opens the next segment
    48   32  SHA-256 of bytes 0 to 47
Record, one for each frame of commands, also where these caused nothing; 136 bytes and the events:
    0    8   magic `TZEVENT1`
    8    u64 frame_number, 16 u64 first_seq, 24 u64 command_count, 32 u64 event_count
    40   32  events_digest: SHA-256 of the events, as the frame states it
    72   32  frame_hash: the frame that caused them
    104  32  SHA-256 of bytes 0 to 103
    136  .   the events, 96 bytes each, in order
A segment grows with each record, so bytes below its end are always written; its last record may be cut off.
"""

from __future__ import annotations

import re
import struct
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tarazy.domain.records import RECORD_SIZE
from tarazy.journal.errors import DamageError
from tarazy.journal.files import reading
from tarazy.journal.frame import Frame, FrameKind, Position
from tarazy.journal.identity import Identity
from tarazy.journal.opening import check_folder

EVENTS_FOLDER = "events"
EVENTS_FORMAT = 1
EVENTS_SEGMENT_BYTES = 64 << 20
EVENTS_BYTES_MAX = 1 << 30
EVENTS_HEADER_SIZE = 80
EVENTS_RECORD_SIZE = 136

_SEGMENT = struct.Struct("<8sII16sQQ")
_SEGMENT_MAGIC = b"TZEVSEG1"
_RECORD = struct.Struct("<8sQQQQ32s32s")
_RECORD_MAGIC = b"TZEVENT1"
_NAME = re.compile(r"(\d{20})\.events")


class EventsError(DamageError):
    """The events file does not hold what the journal's frames state."""

    what = "the events file does not hold the frame's events"
    action = "The journal is not touched by that: make the events anew with `tarazy events rebuild DIR`."


class EventsRecord(NamedTuple):
    """The fixed part of a record."""

    frame_number: int
    first_seq: int
    command_count: int
    event_count: int
    events_digest: bytes
    frame_hash: bytes

    @property
    def size(self) -> int:
        """Return how many bytes the record takes with its events."""
        return EVENTS_RECORD_SIZE + self.event_count * RECORD_SIZE

    @property
    def next_seq(self) -> int:
        """Return the number of the first command behind this record."""
        return self.first_seq + self.command_count

    @property
    def after(self) -> Position:
        """Return the position in the journal behind this record's frame."""
        return Position(self.frame_number + 1, self.frame_hash, self.next_seq)

    def encode(self) -> bytes:
        """Return the 136 bytes of the fixed part."""
        fields = _RECORD.pack(_RECORD_MAGIC, *self)
        return fields + sha256(fields).digest()


def record_of(frame: Frame) -> EventsRecord:
    """Return the record that a frame of commands must have."""
    header = frame.header
    return EventsRecord(
        header.frame_number,
        header.first_seq,
        header.command_count,
        header.event_count,
        header.events_digest,
        frame.frame_hash,
    )


def has_record(frame: Frame) -> bool:
    """Say whether a frame has a record: statements and heads cause no events."""
    return frame.header.kind == FrameKind.commands


def decode_record(buffer: bytes) -> EventsRecord | None:
    """Return the fixed part of a record, or None where it is not as it was written."""
    if len(buffer) < EVENTS_RECORD_SIZE:
        return None
    if sha256(buffer[: _RECORD.size]).digest() != buffer[_RECORD.size : EVENTS_RECORD_SIZE]:
        return None
    magic, *fields = _RECORD.unpack_from(buffer)
    record = EventsRecord(*fields)
    return record if magic == _RECORD_MAGIC and record.size <= EVENTS_BYTES_MAX else None


def encode_segment(identity: Identity, first_frame: int, segment_bytes: int) -> bytes:
    """Return the 80 bytes that open a segment."""
    numbers = (identity.edition, identity.facility_id, first_frame, segment_bytes)
    fields = _SEGMENT.pack(_SEGMENT_MAGIC, EVENTS_FORMAT, *numbers)
    return fields + sha256(fields).digest()


def is_segment_of(buffer: bytes, identity: Identity, first_frame: int) -> bool:
    """Say whether bytes open the segment of a facility that begins with a frame."""
    if len(buffer) < EVENTS_HEADER_SIZE:
        return False
    *_, segment_bytes = _SEGMENT.unpack_from(buffer)
    return buffer[:EVENTS_HEADER_SIZE] == encode_segment(identity, first_frame, segment_bytes)


def events_folder(directory: Path) -> Path:
    """Return the folder of a facility's events files."""
    return Path(directory) / EVENTS_FOLDER


def events_path(folder: Path, first_frame: int) -> Path:
    """Return the file of the segment that begins with a frame."""
    return folder / f"{first_frame:020d}.events"


def events_segments(folder: Path) -> list[int]:
    """Return the first frames of all segments, lowest first; none where there is no folder."""
    check_folder(folder)
    if not folder.exists():
        return []
    with reading(folder, "list the events files"):
        return sorted(int(match[1]) for path in folder.iterdir() if (match := _NAME.fullmatch(path.name)))
