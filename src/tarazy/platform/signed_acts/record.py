"""The record of acts: one line for each, chained by hash and signed by who acts; the state of its desk is its replay.

The file `acts.jsonl` has one JSON object a line, canonical, so that anybody with it can check the chain and every
signature and come to the same state. A line is on the device before its effect is seen. A last line without its end was
never acknowledged and is cut off at the next start. The first line follows `start`, which a facility's desk makes of
the facility's id, so that an act signed for one desk never follows at another.
"""

from __future__ import annotations

import fcntl
import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tarazy.platform.signed_acts.errors import ActRecordError

START = "0" * 64
DOMAIN = b"tarazy authority act 1\n"
LINE_MAX = 1_000_000
NAME = "acts.jsonl"


class UnsignedAct(NamedTuple):
    """What is signed. `officer_id` 0 is the desk itself, which takes in what others send; `at` is UTC."""

    number: int
    at: str
    officer_id: int
    act: str
    subject: str
    body: dict[str, Any]
    previous: str

    @property
    def digest(self) -> bytes:
        """Return the SHA-256 of the canonical text."""
        return sha256(canonical(list(self)).encode()).digest()

    @property
    def message(self) -> bytes:
        """Return the bytes that are signed."""
        return DOMAIN + self.digest


class ActLine(NamedTuple):
    """A line of the record: the act with its hash and its signature, in hexadecimal digits."""

    unsigned: UnsignedAct
    hash: str
    public_key: str
    signature: str

    def plain(self) -> dict[str, Any]:
        """Return it for programs, and for the file."""
        signed = {"hash": self.hash, "public_key": self.public_key, "signature": self.signature}
        return self.unsigned._asdict() | signed


class ActRecord:
    """The file of acts in a desk's folder; one writer at a time."""

    def __init__(self, folder: Path, *, new: bool = False, reads_only: bool = False, start: str = START) -> None:
        """Open the record, or make it where `new`. Raises: ActRecordError."""
        self.path = folder / NAME
        self.start = start
        self.reads_only = reads_only
        self.lines: list[ActLine] = []
        if new:
            folder.mkdir(parents=True, exist_ok=True)
            if self.path.exists():
                raise ActRecordError(self.path, expected="no record yet", found="one", action="Take another folder")
        elif not self.path.is_file():
            raise ActRecordError(self.path, expected="a record of acts", found="no file", action="Found it first")
        flags = os.O_RDONLY if reads_only else os.O_RDWR | os.O_APPEND | (os.O_CREAT | os.O_EXCL if new else 0)
        self._file = os.open(self.path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            if not reads_only:
                self._lock()
            self._read()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let the next writer in."""
        os.close(self._file)

    @property
    def head(self) -> str:
        """Return the hash of the last line."""
        return self.lines[-1].hash if self.lines else self.start

    def append(self, act: UnsignedAct, public_key: bytes, signature: bytes) -> ActLine:
        """Write one line and wait until it is on the device.

        Raises: ActRecordError where it does not follow the last line or is not signed; nothing is written then.
        """
        line = ActLine(act, act.digest.hex(), public_key.hex(), signature.hex())
        self._check(line)
        text = canonical(line.plain()).encode() + b"\n"
        if len(text) > LINE_MAX:
            raise ActRecordError(f"act {act.number}", expected=f"at most {LINE_MAX:,} bytes", found=f"{len(text):,}")
        end = os.fstat(self._file).st_size
        try:
            if os.write(self._file, text) < len(text):
                raise OSError("a part was written")
            os.fsync(self._file)
        except OSError as error:
            os.ftruncate(self._file, end)
            raise ActRecordError(self.path, expected="room and leave to write", found=str(error)) from error
        self.lines.append(line)
        return line

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            action = "Act at the desk that is served, or stop it first"
            raise ActRecordError(self.path, expected="no other writer", found="one", action=action) from None

    def _read(self) -> None:
        with open(os.dup(self._file), "rb") as file:
            file.seek(0)
            data = file.read()
        whole = data.rfind(b"\n") + 1
        if whole < len(data) and not self.reads_only:
            os.ftruncate(self._file, whole)
            os.fsync(self._file)
        for number, text in enumerate(data[:whole].splitlines(), 1):
            line = _parsed(self.path, number, text)
            self._check(line)
            self.lines.append(line)

    def _check(self, line: ActLine) -> None:
        """Check that a line follows the last one and is signed by its key."""
        act, number = line.unsigned, len(self.lines) + 1
        where = f"{self.path}, act {number}"
        if (act.number, act.previous) != (number, self.head):
            expected = f"act {number} after {self.head[:16]}"
            raise ActRecordError(where, expected=expected, found=f"act {act.number} after {act.previous[:16]}")
        if act.digest.hex() != line.hash:
            raise ActRecordError(where, expected=line.hash[:16], found=act.digest.hex()[:16], action="It was changed")
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(line.public_key))
            key.verify(bytes.fromhex(line.signature), act.message)
        except (InvalidSignature, ValueError):
            expected = f"a signature of the key {line.public_key[:16]}"
            raise ActRecordError(where, expected=expected, found="another") from None


def canonical(value: object) -> str:
    """Return JSON with one spelling: sorted fields, no spaces, no floats."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _parsed(path: Path, number: int, text: bytes) -> ActLine:
    try:
        row = json.loads(text)
        act = UnsignedAct(*(row[field] for field in UnsignedAct._fields))
        return ActLine(act, row["hash"], row["public_key"], row["signature"])
    except (ValueError, KeyError, TypeError) as error:
        raise ActRecordError(f"{path}, line {number}", expected="an act as JSON", found=str(error)[:120]) from error
