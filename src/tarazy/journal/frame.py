"""Frames: what the journal is made of. One frame is one batch of commands, or one signed checkpoint statement.

Layout, little-endian; every length is a multiple of 16, so frames follow each other without padding:
    0    8   magic `TZFRAME1`
    8    u16 kind (1 commands, 2 checkpoint statement), then two zero bytes
    12   u32 command_count
    16   u64 frame_number, from 1
    24   u64 first_seq: number of the first command (of the next one, where the frame holds none)
    32   u64 event_count
    40   u64 payload_bytes
    48   32  prev_hash: hash of the frame before; of frame 1: SHA-256 of the bytes of facility.json
    80   32  events_digest: SHA-256 of the events that the commands gave
    112  32  header_digest: SHA-256 of bytes 0 to 111
    144  n   payload: the commands, 96 bytes each
    then 32  frame hash: SHA-256 of header and payload
The header has its own digest so that a reader may trust `payload_bytes` before it has read the payload.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from hashlib import sha256
from typing import NamedTuple

from tarazy.domain.records import RECORD_SIZE

FRAME_MAGIC = b"TZFRAME1"
FRAME_ALIGNMENT = 16
HEADER_SIZE = 144
HASH_SIZE = 32
FRAME_OVERHEAD = HEADER_SIZE + HASH_SIZE
FRAME_SIZE_MIN = FRAME_OVERHEAD + RECORD_SIZE
ZERO_HASH = bytes(HASH_SIZE)
EMPTY_DIGEST = sha256(b"").digest()

_FIELDS = struct.Struct("<8sHHIQQQQ32s32s")
_DIGEST_AT = _FIELDS.size


class FrameKind(IntEnum):
    """What a frame holds."""

    commands = 1
    statement = 2


class FrameHeader(NamedTuple):
    """The fixed part of a frame."""

    kind: int
    command_count: int
    frame_number: int
    first_seq: int
    event_count: int
    payload_bytes: int
    prev_hash: bytes
    events_digest: bytes

    @property
    def next_seq(self) -> int:
        """Return the number of the first command after this frame."""
        return self.first_seq + self.command_count

    @property
    def frame_bytes(self) -> int:
        """Return how many bytes the whole frame takes."""
        return FRAME_OVERHEAD + self.payload_bytes

    def encode(self) -> bytes:
        """Return the 144 bytes of the header."""
        fields = _FIELDS.pack(
            FRAME_MAGIC,
            self.kind,
            0,
            self.command_count,
            self.frame_number,
            self.first_seq,
            self.event_count,
            self.payload_bytes,
            self.prev_hash,
            self.events_digest,
        )
        return fields + sha256(fields).digest()


class Frame(NamedTuple):
    """One whole frame and where it stands."""

    header: FrameHeader
    payload: bytes
    frame_hash: bytes
    segment: int
    offset: int


class Position(NamedTuple):
    """Where the next frame goes and what it must continue."""

    segment: int
    offset: int
    frame_number: int
    prev_hash: bytes
    next_seq: int

    def after(self, header: FrameHeader, frame_hash: bytes) -> Position:
        """Return the position behind a frame that stands at this one."""
        return Position(
            self.segment, self.offset + header.frame_bytes, header.frame_number + 1, frame_hash, header.next_seq
        )


def decode_header(buffer: bytes | memoryview) -> FrameHeader | None:
    """Return the header in the first 144 bytes of `buffer`, or None where it is not as it was written."""
    if len(buffer) < HEADER_SIZE or bytes(buffer[:8]) != FRAME_MAGIC:
        return None
    if sha256(buffer[:_DIGEST_AT]).digest() != bytes(buffer[_DIGEST_AT:HEADER_SIZE]):
        return None
    _, kind, reserved, command_count, number, first_seq, event_count, payload_bytes, prev_hash, events_digest = (
        _FIELDS.unpack_from(buffer)
    )
    header = FrameHeader(kind, command_count, number, first_seq, event_count, payload_bytes, prev_hash, events_digest)
    return header if reserved == 0 and is_well_formed(header) else None


def is_well_formed(header: FrameHeader) -> bool:
    """Say whether the lengths of a header agree with its kind."""
    if header.kind == FrameKind.commands:
        return header.command_count > 0 and header.payload_bytes == header.command_count * RECORD_SIZE
    return (
        header.kind == FrameKind.statement
        and header.command_count == header.event_count == 0
        and header.payload_bytes > 0
        and header.payload_bytes % FRAME_ALIGNMENT == 0
    )


def frame_hash(header: bytes | memoryview, payload: bytes | memoryview) -> bytes:
    """Return the hash that closes a frame and that the next one names."""
    digest = sha256(header)
    digest.update(payload)
    return digest.digest()
