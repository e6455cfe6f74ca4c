"""The store: one folder with an index and every document under its SHA-256.

Layout: `index` (lines, see `entry.py`), `heads` (signatures over it, see `heads.py`), `content/ab/ab12...` (the bytes),
`incoming` (files on their way in).
Order on disk: a document's bytes are durable before its line is, and a tombstone's line before the bytes go. So after a
crash there may be bytes without a line, which adding the file again finds, or a tombstone whose bytes are still there,
which the next process that writes removes. A document is read only when its bytes have its hash.
Not handled: a clock that is set ahead lets documents go too early; the index says when it was done, and by whom.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from tarazy.domain.signer import Signer
from tarazy.platform.documents.entry import DIGEST, Description, Entry, now_text, text
from tarazy.platform.documents.errors import (
    DocumentDamagedError,
    DocumentMissingError,
    DocumentRefusedError,
    RetentionError,
)
from tarazy.platform.documents.heads import RESTORE, IndexCoverage, encode_head, read_heads, sign_head
from tarazy.platform.documents.index import Index, open_index
from tarazy.platform.documents.plain_files import (
    CHUNK_BYTES,
    add_line,
    make_folder,
    open_plain,
    place,
    read_whole,
    storing,
    sync_folder,
    temporary,
    write_all,
)

DOCUMENT_BYTES_MAX = 64 << 20
RETENTION_YEARS, RETENTION_YEARS_MAX = 6, 100


def store_beside(journal: Path) -> Path:
    """Return the folder of the documents of a record: `<journal>.documents` beside it, as its keys are."""
    return journal.with_name(f"{journal.name}.documents")


class Documents:
    """A store in a folder. `now` is the time in UTC of whatever is done next; tests put their own in its place."""

    def __init__(self, directory: Path, *, document_bytes_max: int = DOCUMENT_BYTES_MAX) -> None:
        self.directory = Path(directory)
        self.document_bytes_max = document_bytes_max
        self._index = self.directory / "index"
        self._heads = self.directory / "heads"
        self._incoming = self.directory / "incoming"
        self._known, self._inode = Index(self._index), 0
        self._reading = threading.RLock()

    # ------------------------------------------------------------ reading

    def entries(self) -> list[Entry]:
        """Return all documents and tombstones, in the order in which they were added first.

        Raises: DocumentMissingError where there is no store; DocumentDamagedError, StoreError.
        """
        return list(self._read().entries.values())

    def entry(self, digest: str) -> Entry:
        """Return what the index says of a document.

        Raises: DocumentMissingError; DocumentDamagedError, StoreError.
        """
        return find(self._read(), digest)

    def read(self, digest: str) -> bytes:
        """Return a document whose hash was checked.

        Raises: DocumentMissingError for a deleted or unknown one, DocumentDamagedError, StoreError.
        """
        entry = self.entry(digest)
        if entry.is_deleted:
            found = f"its tombstone: deleted on {entry.deleted_at} by {entry.deleted_by}, {entry.reason}"
            raise DocumentMissingError(digest, expected="a document", found=found)
        return self._content(entry)

    def states(self, digests: Iterable[str]) -> dict[str, str]:
        """Return of each SHA-256 whether it is `present`, `damaged`, `deleted` (a tombstone) or `missing`.

        Every document that is there is read. Raises: DocumentMissingError where there is no store; as for the index.
        """
        index = self._read()
        return {digest: self._state(index.entries.get(digest)) for digest in digests}

    def _state(self, entry: Entry | None) -> str:
        if entry is None or entry.is_deleted:
            return "missing" if entry is None else "deleted"
        try:
            self._content(entry)
        except DocumentMissingError:
            return "missing"
        except (DocumentDamagedError, DocumentRefusedError):
            return "damaged"
        return "present"

    def coverage(self, trusted: Collection[bytes]) -> IndexCoverage:
        """Return what of the index is signed by one of the trusted keys, after checking every head against it.

        Raises: DocumentMissingError where there is no store; DocumentDamagedError for a head of another key, or one
        whose line is no longer in the index: that was rewritten, or cut back.
        """
        with storing(self._heads, "read the heads"):
            heads = list(read_heads(self._heads, trusted))  # before the index, which only grows
        index = self._read()
        for head in heads:
            self.require_line(head.lines, head.sha256, index)
        newest = max(heads, key=lambda head: head.lines, default=None)
        return IndexCoverage(index.lines, index.hash_at(index.lines), newest)

    def require_line(self, line: int, sha256: str, index: Index | None = None) -> None:
        """Refuse an index that does not hold a line that somebody signed or noted.

        Raises: DocumentDamagedError; as for the index.
        """
        found = (index or self._read()).hash_at(line)
        if found != sha256:
            raise DocumentDamagedError(
                f"{self._index}, line {line}",
                expected=f"the line of SHA-256 {sha256}",
                found=found or "no such line",
                action=RESTORE,
            )

    # ------------------------------------------------------------ writing

    def sign(self, signer: Signer, trusted: Collection[bytes], now: datetime | None = None) -> IndexCoverage:
        """Sign the index as it is, after checking it against every head before; what is signed already stays so.

        Raises: DocumentDamagedError as `coverage`; DocumentMissingError, StoreError.
        """
        self._read()
        with self._writing() as (index, _):
            covered = self.coverage(trusted)
            if covered.signed_lines < index.lines:
                head = sign_head(index.lines, index.hash_at(index.lines), now or datetime.now(UTC), signer)
                add_line(self._heads, encode_head(head))
                covered = covered._replace(head=head)
            return covered

    def add(self, path: Path, description: Description, now: datetime | None = None) -> Entry:
        """Store a file and return its entry; one that is there already only moves its retention date on.

        Raises: DocumentRefusedError for what is no plain file, empty, too large or badly described; StoreError.
        """
        description.checked()
        at = now or datetime.now(UTC)
        require_day(description.retain_until, at.date())
        with self._writing() as (index, fd):
            digest, size = self._take(Path(path))
            known = index.entries.get(digest)
            if known is None or known.is_deleted:
                index.add(fd, added(digest, size, description, at))
            elif known.retain_until < description.retain_until:
                index.add(fd, retained(digest, description.retain_until, description.by, at))
            return index.entries[digest]

    def retain(self, digest: str, until: date, by: str, now: datetime | None = None) -> Entry:
        """Move a retention date on; it never moves back.

        Raises: DocumentMissingError; RetentionError for an earlier date; StoreError.
        """
        text("who moves the date", by)
        with self._writing() as (index, fd):
            entry = standing(index, digest)
            at = now or datetime.now(UTC)
            if until < entry.retain_until:
                raise RetentionError(
                    digest,
                    expected=f"{entry.retain_until} or later",
                    found=until.isoformat(),
                    retain_until=entry.retain_until,
                )
            require_day(until, at.date())
            if until > entry.retain_until:
                index.add(fd, retained(digest, until, by, at))
            return index.entries[digest]

    def delete(self, digest: str, by: str, reason: str, now: datetime | None = None) -> Entry:
        """Delete a document after its retention date and leave a tombstone that says who, when and why.

        Raises: RetentionError until the date is over; DocumentMissingError, DocumentRefusedError, StoreError.
        """
        text("who deletes it", by)
        text("reason", reason)
        at = now or datetime.now(UTC)
        with self._writing() as (index, fd):
            entry = standing(index, digest)
            if at.date() <= entry.retain_until:
                raise RetentionError(
                    digest,
                    expected=f"a document whose retention ended before {at.date()}",
                    found=f"one to be kept until {entry.retain_until}",
                    retain_until=entry.retain_until,
                )
            index.add(fd, {"record": "deleted", "sha256": digest, "at": now_text(at), "by": by, "reason": reason})
            self._remove(digest)
            return index.entries[digest]

    # ------------------------------------------------------------ files

    def path(self, digest: str) -> Path:
        """Return where the bytes of a document are."""
        return self.directory / "content" / digest[:2] / digest

    def _read(self) -> Index:
        try:
            fd = open_index(self._index, writing=False)
        except OSError as error:
            expected, found = "a store of documents", error.strerror or str(error)
            raise DocumentMissingError(self.directory, expected=expected, found=found) from error
        try:
            return self._read_on(fd)
        finally:
            os.close(fd)

    def _read_on(self, fd: int) -> Index:
        """Return the index with the lines that came since it was read last; another or a shorter file is read anew."""
        with self._reading, storing(self._index, "read the index"):
            facts = os.fstat(fd)
            if facts.st_ino != self._inode or facts.st_size < self._known.end:
                self._known, self._inode = Index(self._index), facts.st_ino
            self._known.read(fd)
            return self._known

    @contextmanager
    def _writing(self) -> Iterator[tuple[Index, int]]:
        """Give the index to the one writer, after removing what a crash left."""
        with storing(self.directory, "make the store"):
            self.directory.parent.mkdir(parents=True, exist_ok=True)
            for folder in (self.directory, self.directory / "content", self._incoming):
                make_folder(folder)
            fd = open_index(self._index, writing=True)
        try:
            with self._reading:
                begins = self._known.end == 0
                index = self._read_on(fd)
                if begins:
                    self._finish(index)
                yield index, fd
        finally:
            os.close(fd)

    def _finish(self, index: Index) -> None:
        """Make the index's name durable, and remove what a crash left on its way in or out."""
        with storing(self.directory, "make the store"):
            sync_folder(self.directory)
            for left in self._incoming.iterdir():
                left.unlink()
        for entry in index.entries.values():
            if entry.is_deleted:
                self._remove(entry.sha256)

    def _take(self, source: Path) -> tuple[str, int]:
        """Copy a file into its place and return its hash and size."""
        try:
            reading = open_plain(source)
        except OSError as error:
            found = error.strerror or str(error)
            raise DocumentRefusedError(source, expected="a file that can be read", found=found) from error
        with (
            os.fdopen(reading, "rb") as file,
            storing(self.directory, "store the document"),
            temporary(self._incoming) as (fd, path),
        ):
            digest, size = self._copy(file, fd, source)
            make_folder(self.path(digest).parent)
            place(fd, path, self.path(digest))
        return digest, size

    def _copy(self, file: BinaryIO, fd: int, source: Path) -> tuple[str, int]:
        """Copy a file within the bounds and return its hash and size."""
        hasher, size = sha256(), 0
        while size <= self.document_bytes_max and (chunk := file.read(CHUNK_BYTES)):
            size += len(chunk)
            hasher.update(chunk)
            write_all(fd, chunk)
        if not 0 < size <= self.document_bytes_max:
            expected = f"a document of 1 to {self.document_bytes_max:,} bytes"
            raise DocumentRefusedError(source, expected=expected, found="a larger one" if size else "an empty one")
        return hasher.hexdigest(), size

    def _content(self, entry: Entry) -> bytes:
        path = self.path(entry.sha256)
        try:
            data = read_whole(path, entry.size)
        except FileNotFoundError as error:
            raise DocumentMissingError(path, expected="the document that the index names", found="no file") from error
        except OSError as error:
            raise DocumentDamagedError(path, expected="to read it", found=error.strerror or str(error)) from error
        if sha256(data).hexdigest() != entry.sha256:
            action = "Bring it back from a copy: adding the right file again mends it"
            found = "other bytes"
            raise DocumentDamagedError(path, expected=f"bytes of SHA-256 {entry.sha256}", found=found, action=action)
        return data

    def _remove(self, digest: str) -> None:
        path = self.path(digest)
        with storing(path, "remove a deleted document"):
            if path.exists() or path.is_symlink():
                path.unlink()
                sync_folder(path.parent)


def find(index: Index, digest: str) -> Entry:
    """Return the entry of a document. Raises: DocumentMissingError, DocumentRefusedError."""
    if not DIGEST.fullmatch(digest):
        raise DocumentRefusedError("SHA-256", expected="64 hexadecimal digits in lower case", found=repr(digest[:80]))
    if digest not in index.entries:
        raise DocumentMissingError(digest, expected="a document of the store", found="none of this hash")
    return index.entries[digest]


def require_day(until: date, today: date) -> None:
    """Refuse a retention date that is over, or so far off that it is a slip: it could never be moved back.

    Raises: DocumentRefusedError.
    """
    if not (today <= until and until.year <= today.year + RETENTION_YEARS_MAX):
        expected = f"{today} or later, by {RETENTION_YEARS_MAX} years at most"
        raise DocumentRefusedError("retention date", expected=expected, found=until.isoformat())


def standing(index: Index, digest: str) -> Entry:
    """Return the entry of a document that is not deleted. Raises: DocumentMissingError, DocumentRefusedError."""
    entry = find(index, digest)
    if entry.is_deleted:
        found = f"one that was deleted on {entry.deleted_at}"
        raise DocumentMissingError(digest, expected="a document of the store", found=found)
    return entry


def added(digest: str, size: int, description: Description, at: datetime) -> dict[str, Any]:
    """Return the line of a new document."""
    return {
        "record": "added",
        "sha256": digest,
        "kind": description.kind.value,
        "name": description.name,
        "media_type": description.media_type,
        "size": size,
        "at": now_text(at),
        "by": description.by,
        "retain_until": description.retain_until.isoformat(),
    }


def retained(digest: str, until: date, by: str, at: datetime) -> dict[str, Any]:
    """Return the line that moves a retention date on."""
    return {"record": "retained", "sha256": digest, "retain_until": until.isoformat(), "at": now_text(at), "by": by}
