"""Signed heads of the index: how many lines it had, and the SHA-256 of the last of them, under the facility's key.

A head covers every line up to its own, because each line carries the hash of the one before. Heads are lines of a file
of their own, which are only ever added. What is signed, as lines of text that each end with a newline:
    Tarazy documents 1
    LINES                 how many lines the index had
    SHA-256               of the last of them, hexadecimal
    TIME                  UTC
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tarazy.domain.signer import Signer
from tarazy.platform.documents.entry import now_text
from tarazy.platform.documents.errors import DocumentDamagedError
from tarazy.platform.documents.plain_files import read_whole

FIRST_LINE = "Tarazy documents 1"
HEADS_BYTES_MAX = 64 << 20
RESTORE = "Somebody changed the store: bring it back from a copy"


class IndexHead(NamedTuple):
    """The index as it was: its count of lines, the SHA-256 of the last, who signed that and when (UTC)."""

    lines: int
    sha256: str
    at: str
    public_key: bytes
    signature: bytes

    @property
    def message(self) -> bytes:
        """Return what is signed."""
        return f"{FIRST_LINE}\n{self.lines}\n{self.sha256}\n{self.at}\n".encode()

    def is_signed(self) -> bool:
        """Say whether the signature is that of the key that it names."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(self.signature, self.message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        return self._asdict() | {"public_key": self.public_key.hex(), "signature": self.signature.hex()}


class IndexCoverage(NamedTuple):
    """How many lines the index has, the SHA-256 of the last, and the newest signed head, None where there is none."""

    lines: int
    sha256: str
    head: IndexHead | None

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        head = self.head.plain() if self.head is not None else None
        return {"lines": self.lines, "signed_lines": self.signed_lines, "line_hash": self.sha256, "head": head}

    @property
    def signed_lines(self) -> int:
        """Return how many lines are signed; those behind are only chained."""
        return self.head.lines if self.head is not None else 0


def sign_head(lines: int, sha256: str, now: datetime, signer: Signer) -> IndexHead:
    """Return a signed head."""
    unsigned = IndexHead(lines, sha256, now_text(now), signer.public_key, b"")
    return unsigned._replace(signature=signer.sign(unsigned.message))


def encode_head(head: IndexHead) -> bytes:
    """Return the line of a head."""
    return json.dumps(head.plain(), separators=(",", ":")).encode() + b"\n"


def read_heads(path: Path, trusted: Collection[bytes]) -> Iterator[IndexHead]:
    """Iterate over the heads of a store, each signed by one of the trusted keys; a torn last line is left out.

    Raises: DocumentDamagedError for any other line; OSError, DocumentRefusedError.
    """
    try:
        text = read_whole(path, HEADS_BYTES_MAX)
    except FileNotFoundError:
        return
    for number, line in enumerate(text[: text.rfind(b"\n") + 1].splitlines(), 1):
        try:
            head = decode_head(line)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise damaged(path, number, "a head of the index", str(error)) from error
        if head.public_key not in trusted:
            raise damaged(path, number, "a head that the facility signed", f"one by {head.public_key.hex()}")
        if not head.is_signed():
            raise damaged(path, number, f"a signature by {head.public_key.hex()}", "another signature")
        yield head


def decode_head(line: bytes) -> IndexHead:
    """Return the head of a line. Rejects: with ValueError, KeyError or TypeError."""
    found = json.loads(line)
    lines = found["lines"]
    if type(lines) is not int:
        raise ValueError("a count of lines that is no number")
    keys = bytes.fromhex(found["public_key"]), bytes.fromhex(found["signature"])
    return IndexHead(lines, str(found["sha256"]), str(found["at"]), *keys)


def damaged(path: Path, number: int, expected: str, found: str) -> DocumentDamagedError:
    """Return the error for a line of the file of heads."""
    return DocumentDamagedError(f"{path}, line {number}", expected=expected, found=found, action=RESTORE)
