"""Signed notes and heads, in the public forms that other tools read.

A note is text, an empty line, and signature lines (C2SP signed-note: https://c2sp.org/signed-note). A head is a note
whose text has three lines, origin, size and root (C2SP tlog-checkpoint: https://c2sp.org/tlog-checkpoint):
    tarazy/0102030405060708090a0b0c0d0e0f10
    1234
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — tarazy/0102030405060708090a0b0c0d0e0f10 Az3grl...
Ed25519 only. A signature line carries 4 bytes that name the key and the 64 bytes of the signature.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from tarazy.domain.signer import Signer
from tarazy.journal.proof_errors import NoteFormatError, NoteSignatureError
from tarazy.journal.signatures import is_signed

ED25519 = b"\x01"
KEY_SIZE = 32
KEY_HASH_SIZE = 4
SIGNATURE_SIZE = 64
NOTE_BYTES_MAX = 1 << 16
SIGNATURES_MAX = 100
LINE_START = "— "  # an em dash, as the format demands


class VerifierKey(NamedTuple):
    """A key that is trusted, under the name it signs with."""

    name: str
    public_key: bytes

    @property
    def key_hash(self) -> bytes:
        """Return the 4 bytes by which a signature line names the key."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public_key).digest()[:KEY_HASH_SIZE]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_hash.hex()}+{encode_base64(ED25519 + self.public_key)}"


class NoteSignature(NamedTuple):
    """One signature line, not yet checked."""

    name: str
    key_hash: bytes
    signature: bytes


class TreeHead(NamedTuple):
    """The tree at one size: what a facility signs about all its frames so far."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        """Return the text that is signed."""
        return "".join(f"{line}\n" for line in (self.origin, self.size, encode_base64(self.root), *self.extensions))


def origin_of(facility_id: bytes) -> str:
    """Return the name under which a facility signs its heads."""
    return f"tarazy/{facility_id.hex()}"


def verifier_key(facility_id: bytes, public_key: bytes) -> VerifierKey:
    """Return the key with which the heads of a facility are checked."""
    return VerifierKey(origin_of(facility_id), public_key)


def parse_verifier_key(text: str) -> VerifierKey:
    """Read `name+hash+key`. Raises: NoteFormatError where it is not as this format writes it."""
    parts = text.split("+", 2)
    key = decode_base64(parts[2]) if len(parts) == 3 else None
    if key is not None and len(key) == 1 + KEY_SIZE and key[:1] == ED25519 and is_key_name(parts[0]):
        found = VerifierKey(parts[0], key[1:])
        if str(found) == text:
            return found
    raise NoteFormatError(
        expected="a verifier key name+hash+key of an Ed25519 key whose hash fits",
        found=repr(text[:200]),
        what="the text is not a verifier key",
        action="Copy the whole line that `tarazy head DIR --verifier-key` prints.",
    )


def sign_note(text: str, name: str, key: Signer) -> bytes:
    """Return the note with one signature. Raises: NoteFormatError for a text or a name that no note may have."""
    if not is_note_text(text) or not is_key_name(name):
        raise NoteFormatError(expected="lines without control characters and a name without spaces", found=repr(name))
    signer = VerifierKey(name, key.public_key)
    return f"{text}\n{LINE_START}{name} {encode_base64(signer.key_hash + key.sign(text.encode()))}\n".encode()


def split_note(note: bytes) -> tuple[str, list[NoteSignature]]:
    """Return the text and the signature lines of a note; nothing of them is trusted yet."""
    try:
        decoded = note.decode() if len(note) <= NOTE_BYTES_MAX else ""
    except UnicodeDecodeError:
        decoded = ""
    text, gap, lines = decoded.rpartition("\n\n")
    text += "\n"
    signatures = [_signature(line) for line in lines.removesuffix("\n").split("\n")]
    found = [each for each in signatures if each is not None]
    is_whole = gap and lines.endswith("\n") and is_note_text(text)
    if not is_whole or len(found) != len(signatures) or len(found) > SIGNATURES_MAX:
        raise NoteFormatError(
            expected=f"text, an empty line and 1 to {SIGNATURES_MAX} signature lines in UTF-8",
            found=repr(note[:120]),
        )
    return text, found


def open_note(note: bytes, trusted: Sequence[VerifierKey]) -> str:
    """Return the text of a note that one of the trusted keys has signed; lines of other keys are passed over.

    Raises: NoteFormatError, NoteSignatureError (no trusted key, or the line of a trusted key does not hold).
    """
    text, signatures = split_note(note)
    known = {(key.name, key.key_hash): key for key in trusted}
    lines = [(known[at], each.signature) for each in signatures if (at := (each.name, each.key_hash)) in known]
    if not lines:
        raise NoteSignatureError(
            expected=" or ".join(f"{key.name}+{key.key_hash.hex()}" for key in trusted) or "a trusted key",
            found=", ".join(f"{each.name}+{each.key_hash.hex()}" for each in signatures),
        )
    for key, signature in lines:
        if not is_signed(key.public_key, signature, text.encode()):
            expected = f"a signature by {key.name}+{key.key_hash.hex()}"
            raise NoteSignatureError(expected=expected, found="one that does not hold")
    return text


def parse_head(text: str) -> TreeHead:
    """Read the text of a head. Raises: NoteFormatError where it is not as this format writes it."""
    lines = text.split("\n")[:-1]
    root = decode_base64(lines[2]) if len(lines) >= 3 else None
    if root is not None and len(root) == KEY_SIZE and lines[1].isascii() and lines[1].isdecimal():
        head = TreeHead(lines[0], int(lines[1]) if len(lines[1]) <= 20 else -1, root, tuple(lines[3:]))
        if all(lines) and head.text() == text and head.size < 1 << 64:
            return head
    raise NoteFormatError(
        expected="an origin, a size and a root in base64, each on its line",
        found=repr(text[:200]),
        what="the note is not a head",
    )


def sign_head(facility_id: bytes, size: int, root: bytes, key: Signer) -> bytes:
    """Return the head of a facility's tree as a signed note."""
    origin = origin_of(facility_id)
    return sign_note(TreeHead(origin, size, root).text(), origin, key)


def open_head(note: bytes, *keys: VerifierKey) -> TreeHead:
    """Return what a facility signed about its tree with one of its keys.

    Raises: NoteFormatError, NoteSignatureError.
    """
    head = parse_head(open_note(note, keys))
    names = sorted({key.name for key in keys})
    if names != [head.origin]:
        raise NoteSignatureError(expected=f"the origin {' or '.join(names)}", found=head.origin)
    return head


def is_key_name(name: str) -> bool:
    """Say whether a key may have this name: not empty, no space, no plus, no control character."""
    return bool(name) and not any(c.isspace() or c == "+" or ord(c) < 0x20 for c in name)


def is_note_text(text: str) -> bool:
    """Say whether a note may have this text: lines that end in a newline, no other control character."""
    return text.endswith("\n") and not any(ord(c) < 0x20 and c != "\n" for c in text)


def _signature(line: str) -> NoteSignature | None:
    """Return one signature line, or None where it is none."""
    name, space, encoded = line.removeprefix(LINE_START).partition(" ")
    data = decode_base64(encoded) if space and line.startswith(LINE_START) and is_key_name(name) else None
    if data is None or len(data) <= KEY_HASH_SIZE:
        return None
    return NoteSignature(name, data[:KEY_HASH_SIZE], data[KEY_HASH_SIZE:])


def encode_base64(data: bytes) -> str:
    """Return the standard base64 of RFC 4648, section 4."""
    return base64.b64encode(data).decode()


def decode_base64(text: str) -> bytes | None:
    """Return the bytes, or None for anything but what `encode_base64` gives."""
    try:
        data = base64.b64decode(text.encode(), validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if encode_base64(data) == text else None
