"""The portal's own file: applicants with the digests of their access keys, drafts, documents.

A draft is kept as it was typed, whatever is wrong with it, until it is filed; then it stays as it was filed. Documents
are kept by SHA-256 within bounds. Every question names the applicant: nobody reaches what is another's by its number.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.fields import is_text
from tarazy.platform.storage.sql import open_database, transaction

APPLICANTS_MAX, DRAFTS_MAX = 5_000, 20
DOCUMENT_BYTES_MAX, DOCUMENTS_MAX, APPLICANT_BYTES_MAX = 10 << 20, 20, 100 << 20
# Of all applicants together: accounts are free, and the record lies on the same disk.
PORTAL_BYTES_MAX = 20 << 30
NAME_MAX, TEXTS_MAX = 200, 60_000
MEDIA = {
    ".pdf": ("application/pdf", b"%PDF-"),
    ".png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    ".txt": ("text/plain", b""),
    ".csv": ("text/csv", b""),
    ".json": ("application/json", b""),
}
FILE_NAME = re.compile(r"[\w][\w .()-]{0,120}")
MIGRATIONS = (
    """
CREATE TABLE applicants (
    applicant TEXT PRIMARY KEY, name TEXT NOT NULL, contact TEXT NOT NULL, key_digest BLOB NOT NULL,
    at_s INTEGER NOT NULL
) STRICT;
CREATE TABLE drafts (
    number INTEGER PRIMARY KEY, applicant TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
    texts TEXT NOT NULL, saved_s INTEGER NOT NULL, filing INTEGER NOT NULL
) STRICT;
CREATE INDEX drafts_of ON drafts (applicant, number);
CREATE TABLE documents (
    draft INTEGER NOT NULL, sha256 TEXT NOT NULL, name TEXT NOT NULL, media TEXT NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY (draft, sha256)
) STRICT;
""",
)


class PortalApplicant(NamedTuple):
    """Who files: a number by chance, the organisation's name, how to reach it."""

    applicant: str
    name: str
    contact: str


class PortalDraft(NamedTuple):
    """A draft as it was typed; `filing` 0: not filed. Units: seconds since 1970."""

    number: int
    applicant: str
    kind: str
    subject: str
    texts: dict[str, str]
    saved_s: int
    filing: int


class PortalDocument(NamedTuple):
    """A document of a draft, without its content."""

    sha256: str
    name: str
    media: str
    bytes: int


class PortalStore:
    """The file of one portal. May be used from several threads."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time, bytes_max: int = PORTAL_BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self._connection = open_database(folder / "portal.sqlite3", MIGRATIONS)
        self._lock, self._clock = threading.Lock(), clock

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    # ------------------------------------------------------------ applicants

    def register(self, name: str, contact: str) -> tuple[PortalApplicant, str]:
        """Return a new applicant and its access key, of which only a digest is kept. Raises: ActRefusedError."""
        for field, text in (("name", name), ("contact", contact)):
            if not is_text(text, NAME_MAX) or "\n" in text:
                raise ActRefusedError(field, expected=f"1 to {NAME_MAX} letters", found=repr(text)[:60])
        made, secret = PortalApplicant(secrets.token_hex(8), name, contact), secrets.token_urlsafe(32)
        with self._lock, transaction(self._connection):
            if self._one("SELECT count(*) FROM applicants")[0] >= APPLICANTS_MAX:
                raise ActRefusedError("portal", expected=f"at most {APPLICANTS_MAX:,} applicants", found="as many")
            row = (*made, digest_of(secret), int(self._clock()))
            self._connection.execute("INSERT INTO applicants VALUES (?, ?, ?, ?, ?)", row)
        return made, f"{made.applicant}.{secret}"

    def authenticate(self, key: str) -> PortalApplicant | None:
        """Return whose access key a text is, None for any other; the comparison takes the same time for each."""
        applicant, _, secret = key.strip()[:200].partition(".")
        with self._lock:
            row = self._one(
                "SELECT applicant, name, contact, key_digest FROM applicants WHERE applicant = ?", applicant
            )
        known = row[3] if row else bytes(32)
        is_it = hmac.compare_digest(known, digest_of(secret))
        return PortalApplicant(*row[:3]) if row and is_it else None

    def applicant(self, applicant: str) -> PortalApplicant | None:
        """Return an applicant by its number."""
        with self._lock:
            row = self._one("SELECT applicant, name, contact FROM applicants WHERE applicant = ?", applicant)
        return PortalApplicant(*row) if row else None

    # ------------------------------------------------------------ drafts

    def begin(self, applicant: str, kind: str) -> int:
        """Return the number of a new draft. Raises: ActRefusedError where too many wait."""
        with self._lock, transaction(self._connection):
            count = self._one("SELECT count(*) FROM drafts WHERE applicant = ? AND filing = 0", applicant)[0]
            if count >= DRAFTS_MAX:
                action = "File one, or go on with it"
                raise ActRefusedError("drafts", expected=f"at most {DRAFTS_MAX} open", found=str(count), action=action)
            row = (applicant, kind, "", "{}", int(self._clock()), 0)
            names = "applicant, kind, subject, texts, saved_s, filing"
            found = self._connection.execute(f"INSERT INTO drafts ({names}) VALUES (?, ?, ?, ?, ?, ?)", row)
            return int(found.lastrowid or 0)

    def drafts(self, applicant: str) -> list[PortalDraft]:
        """Return an applicant's drafts, the newest first."""
        query = "SELECT * FROM drafts WHERE applicant = ? ORDER BY number DESC"
        with self._lock:
            rows = self._connection.execute(query, (applicant,)).fetchall()
        return [draft_from(row) for row in rows]

    def draft(self, applicant: str, number: int) -> PortalDraft | None:
        """Return one of an applicant's drafts, None for any other number."""
        with self._lock:
            row = self._one("SELECT * FROM drafts WHERE applicant = ? AND number = ?", applicant, number)
        return draft_from(row) if row else None

    def save(self, draft: PortalDraft, subject: str, texts: Mapping[str, str]) -> None:
        """Keep what was typed. Raises: ActRefusedError where it is filed already, or too long."""
        text = json.dumps(dict(texts), ensure_ascii=False)
        if len(text) > TEXTS_MAX or len(subject) > NAME_MAX:
            raise ActRefusedError("draft", expected=f"at most {TEXTS_MAX:,} letters", found=f"{len(text):,}")
        with self._lock, transaction(self._connection):
            terms = (subject, text, int(self._clock()), draft.applicant, draft.number)
            found = self._connection.execute(
                "UPDATE drafts SET subject = ?, texts = ?, saved_s = ?"
                " WHERE applicant = ? AND number = ? AND filing = 0",
                terms,
            )
            if not found.rowcount:
                raise ActRefusedError("draft", expected="one that is not filed", found="a filed one")

    def filed(self, draft: PortalDraft, filing: int) -> None:
        """Note that a draft was filed; it is not changed any more."""
        with self._lock, transaction(self._connection):
            self._connection.execute("UPDATE drafts SET filing = ? WHERE number = ?", (filing, draft.number))

    # ------------------------------------------------------------ documents

    def add(self, draft: PortalDraft, name: str, content: bytes) -> str:
        """Keep a document and return its SHA-256. Raises: ActRefusedError for a kind, size or number out of bounds."""
        name, media = checked_document(name, content)
        sha256 = hashlib.sha256(content).hexdigest()
        with self._lock, transaction(self._connection):
            query = "SELECT count(*) FROM documents WHERE draft = ? AND sha256 <> ?"
            if self._one(query, draft.number, sha256)[0] >= DOCUMENTS_MAX:
                raise ActRefusedError(name, expected=f"at most {DOCUMENTS_MAX} documents", found="one more")
            query = "SELECT coalesce(sum(length(content)), 0) FROM documents JOIN drafts ON draft = number"
            if self._one(f"{query} WHERE applicant = ?", draft.applicant)[0] + len(content) > APPLICANT_BYTES_MAX:
                raise ActRefusedError(name, expected=f"at most {APPLICANT_BYTES_MAX >> 20} MiB in all", found="more")
            whole = self._one("SELECT coalesce(sum(length(content)), 0) FROM documents")[0]
            if whole + len(content) > self._bytes_max:
                action = "Send it to the desk in another way; its hash in the filing says which it is"
                raise ActRefusedError(name, expected="room at the portal", found="none left", action=action)
            row = (draft.number, sha256, name, media, content)
            self._connection.execute("INSERT OR IGNORE INTO documents VALUES (?, ?, ?, ?, ?)", row)
        return sha256

    def documents(self, number: int) -> list[PortalDocument]:
        """Return the documents of a draft."""
        query = "SELECT sha256, name, media, length(content) FROM documents WHERE draft = ? ORDER BY name, sha256"
        with self._lock:
            rows = self._connection.execute(query, (number,)).fetchall()
        return [PortalDocument(*row) for row in rows]

    def content(self, number: int, sha256: str) -> tuple[str, str, bytes] | None:
        """Return name, media type and content of a draft's document."""
        query = "SELECT name, media, content FROM documents WHERE draft = ? AND sha256 = ?"
        with self._lock:
            row = self._one(query, number, sha256)
        return tuple(row) if row else None

    def of_filing(self, filing: int) -> PortalDraft | None:
        """Return the draft that became a filing."""
        with self._lock:
            row = self._one("SELECT * FROM drafts WHERE filing = ?", filing) if filing else None
        return draft_from(row) if row else None

    def _one(self, query: str, *terms: object) -> Any:
        return self._connection.execute(query, terms).fetchone()


def draft_from(row: Any) -> PortalDraft:
    """Return a draft from its row."""
    number, applicant, kind, subject, texts, saved_s, filing = row
    return PortalDraft(number, applicant, kind, subject, json.loads(texts), saved_s, filing)


def digest_of(secret: str) -> bytes:
    """Return what is kept of an access key: it has 256 bits of chance, so that one round is enough."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def checked_document(name: str, content: bytes) -> tuple[str, str]:
    """Return the name and the media type of a document. Raises: ActRefusedError."""
    name = re.sub(r"[^\w .()-]", "_", name.replace("\\", "/").rpartition("/")[2]).strip(" .")[-120:]
    suffix = f".{name.rpartition('.')[2].lower()}"
    if "." not in name or suffix not in MEDIA or not FILE_NAME.fullmatch(name):
        raise ActRefusedError("document", expected=f"a file {', '.join(MEDIA)}", found=repr(name)[:60])
    media, magic = MEDIA[suffix]
    if not content or len(content) > DOCUMENT_BYTES_MAX:
        expected = f"1 byte to {DOCUMENT_BYTES_MAX >> 20} MiB"
        raise ActRefusedError(name, expected=expected, found=f"{len(content):,} bytes")
    if not content.startswith(magic) or (not magic and b"\0" in content):
        raise ActRefusedError(name, expected=f"the content of a file {suffix}", found="another")
    return name, media
