"""What stands beside the commands of a frame for a client: what it called its request, and the request that it signed.

References, at most one entry for a command, in the commands' order (little-endian):
    u32 entry_bytes, u32 command_index in the frame, u32 key_id, u16 text_bytes, u16 zero,
    request_hash of 32 bytes, text (UTF-8, at most 128 bytes), zeros up to a multiple of 4
A length is a claim: an entry is read only when it has exactly the length that its text gives. The other section, who
signed which instruction, is `tarazy.domain.instructions`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

DIGEST_SIZE = 32
TEXT_BYTES_MAX = 128

_REFERENCE = struct.Struct("<IIIHH32s")


class SectionError(ValueError):
    """A section's bytes are not entries."""


class RequestReference(NamedTuple):
    """What a client called its request, and the request that it signed."""

    command_index: int
    key_id: int
    request_hash: bytes
    text: str

    def encode(self) -> bytes:
        """Return the entry's bytes."""
        text = self.text.encode()
        filled = text + bytes(-len(text) % 4)
        size = _REFERENCE.size + len(filled)
        return _REFERENCE.pack(size, self.command_index, self.key_id, len(text), 0, self.request_hash) + filled


def client_order_number(text: str) -> int:
    """Return the number that stands for a client's text in its command: 64 bits of its SHA-256, never zero."""
    return int.from_bytes(sha256(text.encode()).digest()[:8], "little") or 1


def encode_entries(entries: Iterable[RequestReference]) -> bytes:
    """Return the bytes of a references section."""
    return b"".join(entry.encode() for entry in entries)


def decode_references(section: bytes, command_count: int) -> list[RequestReference]:
    """Return the entries of a references section of a frame with so many commands.

    Raises: SectionError.
    """
    entries, at, last = [], 0, -1
    while at < len(section):
        if len(section) - at < _REFERENCE.size:
            raise SectionError(f"expected a reference at byte {at}, found {len(section) - at} bytes")
        size, index, key_id, text_bytes, zero, request_hash = _REFERENCE.unpack_from(section, at)
        text_at = at + _REFERENCE.size
        expected = _REFERENCE.size + text_bytes + -text_bytes % 4
        filled = section[text_at + text_bytes : at + size]
        fits = size == expected and at + size <= len(section) and text_bytes <= TEXT_BYTES_MAX
        if not fits or zero or any(filled) or not last < index < command_count:
            raise SectionError(f"expected a reference of {expected} bytes at byte {at}, found one of {size} bytes")
        entries.append(RequestReference(index, key_id, request_hash, _text(section[text_at : text_at + text_bytes])))
        at, last = at + size, index
    return entries


def _text(data: bytes) -> str:
    """Return a client's text."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise SectionError(f"expected a text in UTF-8, found {data.hex()}") from error
