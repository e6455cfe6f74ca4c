"""The frame codec."""

from __future__ import annotations

from hashlib import sha256

import pytest

from tarazy.journal.frame import FRAME_SIZE_MIN, HEADER_SIZE, FrameHeader, FrameKind, decode_header, frame_hash

HEADER = FrameHeader(FrameKind.commands, 3, 7, 41, 5, 288, b"\x11" * 32, b"\x22" * 32)


def test_header_reads_back_as_it_was_written() -> None:
    encoded = HEADER.encode()
    assert len(encoded) == HEADER_SIZE
    assert decode_header(encoded) == HEADER
    assert (HEADER.next_seq, HEADER.frame_bytes) == (44, 144 + 288 + 32)
    assert FRAME_SIZE_MIN == 272


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
        HEADER._replace(kind=3),
        HEADER._replace(command_count=4),
        HEADER._replace(command_count=0, payload_bytes=0),
        HEADER._replace(kind=FrameKind.statement),
        HEADER._replace(kind=FrameKind.statement, command_count=0, event_count=0, payload_bytes=0),
        HEADER._replace(kind=FrameKind.statement, command_count=0, event_count=0, payload_bytes=209),
    ],
)
def test_header_whose_lengths_disagree_is_not_read(header: FrameHeader) -> None:
    assert decode_header(header.encode()) is None


def test_short_buffer_is_not_read() -> None:
    assert decode_header(HEADER.encode()[:-1]) is None


def test_frame_hash_is_sha256_of_header_and_payload() -> None:
    assert frame_hash(b"header", b"payload") == sha256(b"headerpayload").digest()
