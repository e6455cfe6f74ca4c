"""The file of records that others read: one JSON object a line, signed, each naming the hash of the line before.

Layout of a line: canonical JSON (sorted names, no spaces, ASCII) with `number` from 1, `previous` (SHA-256 of the line
before, newline included; 64 zeros first), and `signature` (Ed25519, hex) over the line without it, after the bytes
`tarazy watch record 1` and a newline.
Only appends happen. A line torn by a crash is completed from what the state kept, never rewritten.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tarazy.domain.signer import Signer
from tarazy.screening.watch.errors import RecordFileError

DOMAIN = b"tarazy watch record 1\n"
FIRST = "0" * 64


def canonical(value: Mapping[str, Any]) -> bytes:
    """Return the one way to write plain data as JSON."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def content_hash(value: Mapping[str, Any]) -> bytes:
    """Return SHA-256 of the canonical form."""
    return hashlib.sha256(canonical(value)).digest()


def seal(content: Mapping[str, Any], number: int, previous: str, key: Signer) -> bytes:
    """Return the line of a record, with its newline."""
    public = key.public_key.hex()
    record = {**content, "number": number, "previous": previous, "public_key": public}
    signature = key.sign(DOMAIN + canonical(record)).hex()
    return canonical({**record, "signature": signature}) + b"\n"


def line_hash(line: bytes) -> str:
    """Return what the next line names as its past."""
    return hashlib.sha256(line).hexdigest()


def append(path: Path, written_bytes: int, lines: bytes) -> None:
    """Append what of `lines` is not there yet, and force it to disk.

    `written_bytes` is the size that the state knows. What the file has beyond it must be the beginning of `lines`: the
    trace of a crash.
    Raises: RecordFileError where the file is shorter, or has something else there.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        size = os.fstat(descriptor).st_size
        if size < written_bytes:
            raise RecordFileError(str(path), f"at least {written_bytes} bytes", f"{size}")
        there = os.pread(descriptor, len(lines) + 1, written_bytes)
        if not lines.startswith(there):
            raise RecordFileError(str(path), f"nothing foreign after byte {written_bytes}", f"{there[:40]!r}")
        os.lseek(descriptor, 0, os.SEEK_END)
        left = memoryview(lines)[len(there) :]
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_records(path: Path, public_key: bytes | None = None) -> Iterator[dict[str, Any]]:
    """Yield the records of a file, each checked: number, chain of hashes, signature.

    `public_key` is the one that must have signed; without it the key that the first line names counts.
    Raises: RecordFileError, naming the line.
    """
    previous, number = FIRST, 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            record = check_line(line, f"{path}, line {number}", number, previous, public_key)
            public_key = bytes.fromhex(record["public_key"])
            previous = line_hash(line)
            yield record


def check_line(line: bytes, where: str, number: int, previous: str, public_key: bytes | None) -> dict[str, Any]:
    """Return the record of a line that is whole, in its place and signed."""
    try:
        record = json.loads(line)
        signature = bytes.fromhex(record["signature"])
        signer = bytes.fromhex(record["public_key"])
        unsigned = {name: value for name, value in record.items() if name != "signature"}
        right = canonical(record) + b"\n" == line
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RecordFileError(where, "a whole signed record", f"{type(error).__name__}: {error}") from error
    if not right or (record.get("number"), record.get("previous")) != (number, previous):
        raise RecordFileError(where, f"record {number} after {previous[:16]}...", "another record, or another form")
    if public_key is not None and signer != public_key:
        raise RecordFileError(where, f"a signature of {public_key.hex()}", f"one of {signer.hex()}")
    try:
        Ed25519PublicKey.from_public_bytes(signer).verify(signature, DOMAIN + canonical(unsigned))
    except (InvalidSignature, ValueError) as error:
        raise RecordFileError(where, "a signature that holds", "one that does not") from error
    return dict(record)
