"""What stands beside the commands of a frame: who signed which instruction, and what the client called its request.

Instructions, one entry for every PresentInstruction of the frame, in their order (little-endian):
    u32 entry_bytes, u16 signer_count (1 or 2), u16 document_count,
    public keys of 32 bytes, signatures of 64 bytes, SHA-256 of each document, 32 bytes
References, at most one entry for a command, in the commands' order:
    u32 entry_bytes, u32 command_index in the frame, u32 key_id, u16 text_bytes, u16 zero,
    request_hash of 32 bytes, text (UTF-8, at most 128 bytes), zeros up to a multiple of 4
A length is a claim: an entry is read only when it has exactly the length that its counts give.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

KEY_SIZE = 32
SIGNATURE_SIZE = 64
DIGEST_SIZE = 32
TEXT_BYTES_MAX = 128

_INSTRUCTION = struct.Struct("<IHH")
_REFERENCE = struct.Struct("<IIIHH32s")


class SectionError(ValueError):
    """A section's bytes are not entries."""


class InstructionEntry(NamedTuple):
    """Who signed one instruction, and the documents that it names."""

    public_keys: tuple[bytes, ...]
    signatures: tuple[bytes, ...]
    documents: tuple[bytes, ...] = ()

    @property
    def signers_hash(self) -> bytes:
        """Return the SHA-256 of the signers' public keys, which the PresentInstruction command names."""
        return sha256(b"".join(self.public_keys)).digest()

    def encode(self) -> bytes:
        """Return the entry's bytes."""
        body = b"".join((*self.public_keys, *self.signatures, *self.documents))
        return _INSTRUCTION.pack(_INSTRUCTION.size + len(body), len(self.public_keys), len(self.documents)) + body


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


def encode_entries(entries: Iterable[InstructionEntry | RequestReference]) -> bytes:
    """Return the bytes of a section."""
    return b"".join(entry.encode() for entry in entries)


def decode_instructions(section: bytes) -> list[InstructionEntry]:
    """Return the entries of an instructions section.

    Raises: SectionError.
    """
    entries, at = [], 0
    while at < len(section):
        if len(section) - at < _INSTRUCTION.size:
            raise SectionError(f"expected an instruction entry at byte {at}, found {len(section) - at} bytes")
        size, signers, documents = _INSTRUCTION.unpack_from(section, at)
        expected = _INSTRUCTION.size + signers * (KEY_SIZE + SIGNATURE_SIZE) + documents * DIGEST_SIZE
        if signers not in (1, 2) or size != expected or at + size > len(section):
            found = f"{size} bytes for {signers} signers and {documents} documents"
            raise SectionError(f"expected an instruction entry of {expected} bytes at byte {at}, found {found}")
        keys_at = at + _INSTRUCTION.size
        signatures_at = keys_at + signers * KEY_SIZE
        documents_at = signatures_at + signers * SIGNATURE_SIZE
        entries.append(
            InstructionEntry(
                _cut(section, keys_at, KEY_SIZE, signers),
                _cut(section, signatures_at, SIGNATURE_SIZE, signers),
                _cut(section, documents_at, DIGEST_SIZE, documents),
            )
        )
        at += size
    return entries


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


def _cut(section: bytes, start: int, size: int, count: int) -> tuple[bytes, ...]:
    """Return `count` pieces of `size` bytes."""
    return tuple(section[at : at + size] for at in range(start, start + size * count, size))


def _text(data: bytes) -> str:
    """Return a client's text."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise SectionError(f"expected a text in UTF-8, found {data.hex()}") from error
