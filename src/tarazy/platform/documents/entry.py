"""What the index says of a document, and how a line of the index is written and read.

A line is a JSON object. It carries the SHA-256 of the line before it, so that a line that was changed, taken out or put
in between is noticed. Lines are only ever added: a later one moves a retention date on, or marks a deletion.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

from tarazy.platform.documents.errors import DocumentRefusedError

LINE_BYTES_MAX = 8_192
NAME_CHARACTERS_MAX = 200
START = "0" * 64
TIME = "%Y-%m-%dT%H:%M:%SZ"
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,62}/[a-z0-9][a-z0-9.+-]{0,62}")
DIGEST = re.compile(r"[0-9a-f]{64}")


class Kind(StrEnum):
    """What a document is for."""

    decision = "decision"
    evidence = "evidence"
    statement = "statement"
    client_request = "client_request"


class Entry(NamedTuple):
    """One document. `deleted_at`, `deleted_by` and `reason` are empty while it is there.

    Units: `size` bytes; times UTC as text; `retain_until` the last day on which it must stay.
    """

    sha256: str
    kind: Kind
    name: str
    media_type: str
    size: int
    added_at: str
    added_by: str
    retain_until: date
    deleted_at: str = ""
    deleted_by: str = ""
    reason: str = ""

    @property
    def is_deleted(self) -> bool:
        """Say whether only its tombstone is left."""
        return bool(self.deleted_at)

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        return self._asdict() | {"kind": self.kind.value, "retain_until": self.retain_until.isoformat()}


class Description(NamedTuple):
    """What whoever adds a document says about it."""

    kind: Kind
    name: str
    media_type: str
    retain_until: date
    by: str

    def checked(self) -> Description:
        """Return it where every part can be shown to people.

        Raises: DocumentRefusedError.
        """
        text("name", self.name)
        text("who adds it", self.by)
        if not MEDIA_TYPE.fullmatch(self.media_type):
            raise DocumentRefusedError(
                "media type", expected="one such as text/plain", found=repr(self.media_type[:80])
            )
        return self


def text(what: str, value: str) -> str:
    """Return a text that can be shown. Raises: DocumentRefusedError."""
    if not value.strip() or not value.isprintable() or len(value) > NAME_CHARACTERS_MAX:
        expected = f"1 to {NAME_CHARACTERS_MAX} printable characters"
        raise DocumentRefusedError(what, expected=expected, found=repr(value[:80]))
    return value


def encode_line(previous: str, record: dict[str, Any]) -> bytes:
    """Return a line of the index behind one whose SHA-256 is `previous`."""
    line = json.dumps({"previous": previous} | record, ensure_ascii=True, separators=(",", ":"))
    return line.encode() + b"\n"


def line_hash(line: bytes) -> str:
    """Return the SHA-256 of a line with its end."""
    return sha256(line).hexdigest()


def apply_line(entries: dict[str, Entry], previous: str, line: bytes) -> None:
    """Bring the entries on by one line, which must say what a store would have let happen.

    Rejects: with ValueError, KeyError or TypeError a line that is none, does not follow `previous`, names no SHA-256,
    adds what is there, moves a retention date back, or deletes before it.
    """
    record = json.loads(line)
    if record["previous"] != previous:
        raise ValueError(f"a line after {record['previous'][:16]}..., not after {previous[:16]}...")
    kind, digest = record["record"], record["sha256"]
    if not DIGEST.fullmatch(digest):
        raise ValueError("no SHA-256 of 64 hexadecimal digits in lower case")
    known = entries.get(digest)
    if kind == "added":
        if known is not None and not known.is_deleted:
            raise ValueError(f"{digest} added though it is there")
        entries[digest] = _added(record)
    elif kind not in ("retained", "deleted"):
        raise ValueError("a record that is none of added, retained, deleted")
    elif known is None or known.is_deleted:
        raise ValueError(f"{digest} {kind} though it is not there")
    elif kind == "retained":
        entries[digest] = _retained(known, date.fromisoformat(record["retain_until"]))
    else:
        entries[digest] = _deleted(known, record)


def _added(record: dict[str, Any]) -> Entry:
    size = record["size"]
    if type(size) is not int or size < 1:
        raise ValueError("a size that is no whole number of bytes")
    words = [record[field] for field in ("name", "media_type", "at", "by")]
    if not all(isinstance(word, str) for word in words):
        raise ValueError("words that are no text")
    name, media_type, at, by = words
    until = date.fromisoformat(record["retain_until"])
    return Entry(record["sha256"], Kind(record["kind"]), name, media_type, size, at, by, until)


def _retained(known: Entry, until: date) -> Entry:
    if until < known.retain_until:
        raise ValueError(f"{known.sha256} to be kept until {until}, which was {known.retain_until} before")
    return known._replace(retain_until=until)


def _deleted(known: Entry, record: dict[str, Any]) -> Entry:
    at = record["at"]
    if datetime.strptime(at, TIME).date() <= known.retain_until:
        raise ValueError(f"{known.sha256} deleted on {at}, though to be kept until {known.retain_until}")
    return known._replace(deleted_at=at, deleted_by=str(record["by"]), reason=str(record["reason"]))


def now_text(now: datetime) -> str:
    """Return a time as the index writes it: UTC, whole seconds."""
    return now.astimezone(UTC).strftime(TIME)
