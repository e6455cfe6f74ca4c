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
    """Bring the entries on by one line.

    Rejects: with ValueError or KeyError a line that is none, or that does not follow `previous`.
    """
    record = json.loads(line)
    if record["previous"] != previous:
        raise ValueError(f"a line after {record['previous'][:16]}..., not after {previous[:16]}...")
    digest = record["sha256"]
    if record["record"] == "added":
        entries[digest] = Entry(
            digest,
            Kind(record["kind"]),
            record["name"],
            record["media_type"],
            record["size"],
            record["at"],
            record["by"],
            date.fromisoformat(record["retain_until"]),
        )
    elif record["record"] == "retained":
        entries[digest] = entries[digest]._replace(retain_until=date.fromisoformat(record["retain_until"]))
    elif record["record"] == "deleted":
        entries[digest] = entries[digest]._replace(
            deleted_at=record["at"], deleted_by=record["by"], reason=record["reason"]
        )
    else:
        raise ValueError(f"a record {record['record']!r}")


def now_text(now: datetime) -> str:
    """Return a time as the index writes it: UTC, whole seconds."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
