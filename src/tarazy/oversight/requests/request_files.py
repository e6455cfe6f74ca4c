"""Clients' signed requests, kept beside the journal in the order in which they were ordered.

`FACILITY/requests/<number>.requests`, 20 digits, is a file that begins with a header and only grows:
    header    16 bytes: magic `TZREQUEST1`, zeros
    record    u32 length, 32 bytes SHA-256 of the document, the document (document.py)
All numbers are little-endian. What is handed over is written before its commands are, and synced while these are; an
answer waits for both. So each request that the record names is here, and a request that is here need not be in the
record: its commands may never have been ordered. A record that a crash cut off is removed at the next start.
"""

from __future__ import annotations

import mmap
import os
import re
import struct
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from tarazy.journal.files import Files, reading, storing
from tarazy.journal.opening import check_folder
from tarazy.oversight.requests.document import DOCUMENT_BYTES_MAX, document_hash

REQUESTS_FOLDER = "requests"
FILE_BYTES_MAX = 64 << 20
HEADER = b"TZREQUEST1".ljust(16, b"\0")
_RECORD = struct.Struct("<I32s")
_NAME = re.compile(r"(\d{20})\.requests")


class RequestFilesError(Exception):
    """The folder of requests cannot be read as such; says where."""


def requests_folder(directory: Path) -> Path:
    """Return where the requests of a facility lie."""
    return Path(directory) / REQUESTS_FOLDER


def request_paths(directory: Path) -> list[Path]:
    """Return the files of a facility's requests, oldest first; none where no client signs."""
    folder = requests_folder(directory)
    with reading(folder, "list the requests"):
        if not folder.is_dir():
            return []
        return sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name))


def kept_requests(path: Path) -> Iterator[bytes]:
    """Iterate over the documents of one file. What is not whole, or not what its hash says, ends a file."""
    with reading(path, "read the requests"), open(path, "rb", buffering=1 << 20) as file:
        if file.read(len(HEADER)) != HEADER:
            raise RequestFilesError(f"{path}: expected a file of requests, found another beginning")
        while (document := _next(file)) is not None:
            yield document


def _next(file: object) -> bytes | None:
    """Return the document at a place, None where none is whole."""
    read = file.read  # type: ignore[attr-defined]
    head = read(_RECORD.size)
    if len(head) < _RECORD.size:
        return None
    length, digest = _RECORD.unpack(head)
    if length > DOCUMENT_BYTES_MAX:
        return None
    document: bytes = read(length)
    return document if len(document) == length and document_hash(document) == digest else None


def find_request(directory: Path, digest: bytes) -> bytes | None:
    """Return the document of a hash, None where it is not kept. Looks through the files from the newest on."""
    for path in reversed(request_paths(directory)):
        with reading(path, "read the requests"), open(path, "rb") as file:
            if os.fstat(file.fileno()).st_size <= len(HEADER):
                continue
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                at = data.find(digest)
                while at >= 0:
                    length = int.from_bytes(data[max(at - 4, 0) : at], "little")
                    document = data[at + len(digest) : at + len(digest) + length]
                    if length <= DOCUMENT_BYTES_MAX and document_hash(document) == digest:
                        return document
                    at = data.find(digest, at + 1)
    return None


class RequestFiles:
    """Keep requests. One writer for each folder; the caller holds the facility's lock."""

    def __init__(self, directory: Path, *, files: Files | None = None, file_bytes_max: int = FILE_BYTES_MAX) -> None:
        self.folder = requests_folder(directory)
        self._directory = Path(directory)
        self._files = files or Files()
        self._file_bytes_max = file_bytes_max
        self._fd: int | None = None
        self._path = self.folder
        self._offset = 0
        self._failed: Exception | None = None
        self._syncing = ThreadPoolExecutor(1, thread_name_prefix="tarazy-requests")

    def keep(self, documents: Iterable[bytes]) -> Future[None]:
        """Write documents; the future tells when they are on the device.

        Raises: StorageError where they cannot be written, or where earlier ones never became durable.
        """
        if self._failed is not None:
            raise self._failed
        records = b"".join(_RECORD.pack(len(each), document_hash(each)) + each for each in documents)
        if self._fd is None:
            self._open()
        if self._offset > len(HEADER) and self._offset + len(records) > self._file_bytes_max:
            self._begin(self._number() + 1)
        fd, path = self._fd, self._path
        assert fd is not None  # noqa: S101 - it was opened
        self._files.write(fd, path, (records,), self._offset)
        self._offset += len(records)
        return self._syncing.submit(self._sync, fd, path)

    def _sync(self, fd: int, path: Path) -> None:
        """Make what was written durable. After a failure nothing more is kept: the kernel may have dropped it."""
        try:
            self._files.sync(fd, path)
        except Exception as error:
            self._failed = error
            raise

    def close(self) -> None:
        """Close the file."""
        self._syncing.shutdown()
        if self._fd is not None:
            self._files.close(self._fd)
        self._fd = None

    # ------------------------------------------------------------ files
    def _open(self) -> None:
        """Go on behind the last whole record; the first request of a facility makes the folder."""
        self._files.make_folder(self.folder)
        check_folder(self.folder)
        paths = request_paths(self._directory)
        if not paths:
            self._begin(1)
            return
        self._path = paths[-1]
        self._offset = len(HEADER) + sum(_RECORD.size + len(each) for each in kept_requests(self._path))
        self._fd = self._files.open(self._path)
        with storing(self._path, "cut a request that is not whole"):
            os.ftruncate(self._fd, self._offset)

    def _begin(self, number: int) -> None:
        """Begin a file; the one before is synced and closed behind what waits for it."""
        path = self.folder / f"{number:020}.requests"
        temporary = path.with_suffix(".new")
        fd = self._files.open(temporary, create=True)
        self._files.write(fd, temporary, (HEADER,), 0)
        self._files.sync(fd, temporary)
        self._files.rename(temporary, path)
        self._files.sync_folder(self.folder)
        if self._fd is not None:
            self._syncing.submit(self._finish, self._fd, self._path)
        self._fd, self._path, self._offset = fd, path, len(HEADER)

    def _finish(self, fd: int, path: Path) -> None:
        """Sync and close a file that is full."""
        self._sync(fd, path)
        self._files.close(fd)

    def _number(self) -> int:
        """Return the number of the file that is written."""
        found = _NAME.fullmatch(self._path.name)
        assert found is not None  # noqa: S101 - named here
        return int(found[1])
