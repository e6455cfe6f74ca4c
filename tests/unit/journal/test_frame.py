"""The frame codec."""

from __future__ import annotations

from hashlib import sha256

import pytest

from tarazy.journal.frame import (
    EMPTY_DIGEST,
    FRAME_BYTES_MAX,
    FRAME_SIZE_MIN,
    HEADER_SIZE,
    FrameDraft,
    FrameHeader,
    FrameKind,
    Position,
    decode_frame,
    decode_header,
    frame_hash,
    seal,
)

HEADER = FrameHeader(FrameKind.commands, 1, 4, 7, 41, 3, 5, 288, 40, 0, b"\x11" * 32, b"\x22" * 32)
HEAD = HEADER._replace(
    kind=FrameKind.head, command_count=0, event_count=0, instructions_bytes=0, events_digest=EMPTY_DIGEST
)
DRAFT = FrameDraft(FrameKind.commands, b"c" * 96, b"i" * 20, b"r" * 33, 2, b"\x22" * 32, 1)
AT = Position(7, b"\x11" * 32, 41)


def test_header_reads_back_as_it_was_written() -> None:
    encoded = HEADER.encode()
    assert len(encoded) == HEADER_SIZE == 176
    assert decode_header(encoded) == HEADER
    assert (HEADER.next_seq, HEADER.sections_bytes) == (44, 288 + 48)
    assert HEADER.frame_bytes == 176 + 288 + 48 + 32
    assert FRAME_SIZE_MIN == 176 + 96 + 32


def test_fields_stand_where_the_format_page_says() -> None:
    encoded = HEADER.encode()
    assert encoded[:8] == b"TZFRAME1"
    words = [int.from_bytes(encoded[at : at + 8], "little") for at in range(16, 80, 8)]
    assert words == [4, 7, 41, 3, 5, 288, 40, 0]
    assert encoded[80:112] == HEADER.prev_hash
    assert encoded[112:144] == HEADER.events_digest
    assert encoded[144:] == sha256(encoded[:144]).digest()


def test_header_with_any_flipped_bit_is_not_read() -> None:
    encoded = HEADER.encode()
    for offset in range(HEADER_SIZE):
        for bit in range(8):
            changed = bytearray(encoded)
            changed[offset] ^= 1 << bit
            assert decode_header(bytes(changed)) is None, (offset, bit)


@pytest.mark.parametrize(
    "header",
    [
        HEADER._replace(kind=4),
        HEADER._replace(command_count=4),
        HEADER._replace(command_count=0, commands_bytes=0),
        HEADER._replace(commands_bytes=64 << 30, command_count=(64 << 30) // 96),
        HEADER._replace(instructions_bytes=FRAME_BYTES_MAX),
        HEADER._replace(references_bytes=(1 << 64) - 1),
        HEADER._replace(kind=FrameKind.statement),
        HEAD._replace(commands_bytes=0),
        HEAD._replace(commands_bytes=(64 << 10) + 1),
        HEAD._replace(instructions_bytes=16),
        HEAD._replace(event_count=1),
        HEAD._replace(events_digest=b"\x22" * 32),
    ],
)
def test_header_whose_lengths_disagree_is_not_read(header: FrameHeader) -> None:
    assert decode_header(HEAD.encode()) == HEAD
    assert decode_header(header.encode()) is None


def test_short_buffer_is_not_read() -> None:
    assert decode_header(HEADER.encode()[:-1]) is None


def test_sections_are_padded_with_zeros_that_the_hash_covers() -> None:
    header, buffers = seal(DRAFT, AT, 1, 4)
    data = b"".join(buffers)
    assert len(data) == header.frame_bytes == DRAFT.frame_bytes == 176 + 96 + 32 + 48 + 32
    assert data[176 + 96 : 176 + 96 + 32] == b"i" * 20 + bytes(12)
    assert data[-32:] == frame_hash(data[:-32]) == sha256(data[:-32]).digest()


def test_frame_reads_back_from_its_bytes() -> None:
    header, buffers = seal(DRAFT, AT, 1, 4)
    frame = decode_frame(b"".join(buffers))
    assert frame is not None
    assert (frame.header, frame.frame_hash) == (header, buffers[-1])
    assert (frame.commands, frame.instructions, frame.references) == DRAFT[1:4]
    assert frame.encode() == b"".join(buffers)


def test_frame_with_any_changed_byte_or_length_is_not_read() -> None:
    data = b"".join(seal(DRAFT, AT, 1, 4)[1])
    for offset in range(len(data)):
        changed = bytearray(data)
        changed[offset] ^= 4
        assert decode_frame(bytes(changed)) is None, offset
    assert decode_frame(data[:-1]) is None
    assert decode_frame(data + b"\0") is None


def test_frame_with_other_padding_than_zeros_is_not_read_even_with_a_right_hash() -> None:
    data = bytearray(b"".join(seal(DRAFT, AT, 1, 4)[1]))
    data[176 + 96 + 25] = 1
    data[-32:] = sha256(data[:-32]).digest()
    assert decode_frame(bytes(data)) is None
