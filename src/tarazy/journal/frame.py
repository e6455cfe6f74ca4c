"""Frames: what the journal is made of. One frame is one batch of commands, one signed statement, or one signed head.

Layout, little-endian; each section is followed by zeros up to a multiple of 16, and these zeros are hashed with it:
    0    8   magic `TZFRAME1`
    8    u16 kind (1 commands, 2 checkpoint statement, 3 head), then two zero bytes
    12   u32 edition of the state machine
    16   u64 writer_term: one more for every writer that went on with the journal, never falling
    24   u64 frame_number, from 1
    32   u64 first_seq: number of the first command (of the next one, where the frame holds none)
    40   u64 command_count
    48   u64 event_count
    56   u64 commands_bytes, 64 u64 instructions_bytes, 72 u64 references_bytes: lengths without the zeros
    80   32  prev_hash: hash of the frame before; of frame 1: SHA-256 of the bytes of facility.json
    112  32  events_digest: SHA-256 of the events that the commands gave
    144  32  header_digest: SHA-256 of bytes 0 to 143
    176  n   commands, 96 bytes each, or the statement or head; then instructions; then references (`sections.py`)
    then 32  frame hash: SHA-256 of all before it
These bytes are the same in a local file and in a message of a replicated stream. The header has its own digest so that
a reader may trust its lengths, within FRAME_BYTES_MAX, before it has read what follows.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from hashlib import sha256
from typing import NamedTuple

from tarazy.domain.records import RECORD_SIZE

FRAME_MAGIC = b"TZFRAME1"
FRAME_ALIGNMENT = 16
HEADER_SIZE = 176
HASH_SIZE = 32
FRAME_OVERHEAD = HEADER_SIZE + HASH_SIZE
FRAME_SIZE_MIN = FRAME_OVERHEAD + RECORD_SIZE
FRAME_BYTES_MAX = 16 << 20
SIGNED_BYTES_MAX = 64 << 10
EMPTY_DIGEST = sha256(b"").digest()

_FIELDS = struct.Struct("<8sHHIQQQQQQQQ32s32s")
_DIGEST_AT = _FIELDS.size

Buffer = bytes | memoryview


class FrameKind(IntEnum):
    """What a frame holds."""

    commands = 1
    statement = 2
    head = 3


class FrameHeader(NamedTuple):
    """The fixed part of a frame."""

    kind: int
    edition: int
    writer_term: int
    frame_number: int
    first_seq: int
    command_count: int
    event_count: int
    commands_bytes: int
    instructions_bytes: int
    references_bytes: int
    prev_hash: bytes
    events_digest: bytes

    @property
    def next_seq(self) -> int:
        """Return the number of the first command after this frame."""
        return self.first_seq + self.command_count

    @property
    def sections_bytes(self) -> int:
        """Return how many bytes the sections take with the zeros behind each."""
        return padded(self.commands_bytes) + padded(self.instructions_bytes) + padded(self.references_bytes)

    @property
    def frame_bytes(self) -> int:
        """Return how many bytes the whole frame takes."""
        return FRAME_OVERHEAD + self.sections_bytes

    def encode(self) -> bytes:
        """Return the 176 bytes of the header."""
        fields = _FIELDS.pack(FRAME_MAGIC, self.kind, 0, *self[1:])
        return fields + sha256(fields).digest()


class Frame(NamedTuple):
    """One whole frame; in a statement or a head `commands` is what was signed."""

    header: FrameHeader
    commands: bytes
    instructions: bytes
    references: bytes
    frame_hash: bytes

    def encode(self) -> bytes:
        """Return the bytes of the frame."""
        return b"".join((self.header.encode(), *section_buffers(self), self.frame_hash))


class FrameDraft(NamedTuple):
    """What a caller hands to a log, which gives it its number and its past."""

    kind: int
    commands: bytes
    instructions: bytes = b""
    references: bytes = b""
    event_count: int = 0
    events_digest: bytes = EMPTY_DIGEST
    command_count: int = 0

    @property
    def frame_bytes(self) -> int:
        """Return how many bytes the frame will take."""
        return FRAME_OVERHEAD + sum(padded(len(part)) for part in (self.commands, self.instructions, self.references))


class Position(NamedTuple):
    """What the next frame must continue."""

    frame_number: int
    prev_hash: bytes
    next_seq: int

    def after(self, header: FrameHeader, frame_hash: bytes) -> Position:
        """Return the position behind a frame that stands at this one."""
        return Position(header.frame_number + 1, frame_hash, header.next_seq)


class Written(NamedTuple):
    """A frame that a log has made durable."""

    header: FrameHeader
    frame_hash: bytes


def padded(size: int) -> int:
    """Return a section's size with the zeros behind it."""
    return size + -size % FRAME_ALIGNMENT


def section_buffers(sections: Frame | FrameDraft) -> list[bytes]:
    """Return the sections that are not empty, each with its zeros."""
    found = (sections.commands, sections.instructions, sections.references)
    return [
        part if len(part) % FRAME_ALIGNMENT == 0 else part.ljust(padded(len(part)), b"\0") for part in found if part
    ]


def seal(draft: FrameDraft, position: Position, edition: int, writer_term: int) -> tuple[FrameHeader, list[bytes]]:
    """Return the header that a draft gets at a position, and the frame's bytes in pieces; the last is its hash."""
    header = FrameHeader(
        draft.kind,
        edition,
        writer_term,
        position.frame_number,
        position.next_seq,
        draft.command_count,
        draft.event_count,
        len(draft.commands),
        len(draft.instructions),
        len(draft.references),
        position.prev_hash,
        draft.events_digest,
    )
    buffers = [header.encode(), *section_buffers(draft)]
    return header, [*buffers, frame_hash(*buffers)]


def decode_header(buffer: Buffer) -> FrameHeader | None:
    """Return the header in the first 176 bytes of `buffer`, or None where it is not as it was written."""
    if len(buffer) < HEADER_SIZE or bytes(buffer[:8]) != FRAME_MAGIC or not has_header_digest(buffer):
        return None
    _, kind, reserved, *fields = _FIELDS.unpack_from(buffer)
    header = FrameHeader(kind, *fields)
    return header if reserved == 0 and is_well_formed(header) else None


def has_header_digest(buffer: Buffer) -> bool:
    """Say whether the digest of a header is that of its bytes."""
    return sha256(buffer[:_DIGEST_AT]).digest() == bytes(buffer[_DIGEST_AT:HEADER_SIZE])


def decode_body(header: FrameHeader, body: Buffer, found_hash: bytes) -> Frame:
    """Return the frame whose sections, with their zeros, begin `body`."""
    first = padded(header.commands_bytes)
    second = first + padded(header.instructions_bytes)
    return Frame(
        header,
        bytes(body[: header.commands_bytes]),
        bytes(body[first : first + header.instructions_bytes]),
        bytes(body[second : second + header.references_bytes]),
        found_hash,
    )


def decode_frame(data: bytes) -> Frame | None:
    """Return the frame that `data` is, or None where it is none."""
    header = decode_header(data)
    if header is None or len(data) != header.frame_bytes or frame_hash(data[:-HASH_SIZE]) != data[-HASH_SIZE:]:
        return None
    frame = decode_body(header, data[HEADER_SIZE:], data[-HASH_SIZE:])
    return frame if frame.encode() == data else None


def is_well_formed(header: FrameHeader) -> bool:
    """Say whether the lengths of a header agree with its kind and with the largest frame there is."""
    if header.kind == FrameKind.commands:
        fits = header.command_count > 0 and header.commands_bytes == header.command_count * RECORD_SIZE
        return fits and header.frame_bytes <= FRAME_BYTES_MAX
    nothing = header.command_count + header.event_count + header.instructions_bytes + header.references_bytes == 0
    is_signed = header.kind in (FrameKind.statement, FrameKind.head) and header.events_digest == EMPTY_DIGEST
    return is_signed and nothing and 0 < header.commands_bytes <= SIGNED_BYTES_MAX


def frame_hash(*buffers: Buffer) -> bytes:
    """Return the hash that closes a frame and that the next one names."""
    digest = sha256()
    for buffer in buffers:
        digest.update(buffer)
    return digest.digest()
