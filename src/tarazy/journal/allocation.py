"""Make segments: zeros first, then the header, then the name. A file that carries a segment's name is whole."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

from tarazy.journal.errors import DiskFullError, StorageError
from tarazy.journal.files import Files
from tarazy.journal.segment import SegmentHeader, segment_path

SPARE_NAME = "next.new"


def spare_path(directory: Path) -> Path:
    """Return the file that becomes the next segment."""
    return directory / "segments" / SPARE_NAME


def allocate_spare(files: Files, directory: Path, segment_bytes: int) -> int:
    """Fill the spare file with zeros and return it open; nothing of it is left when there is no room."""
    path = spare_path(directory)
    fd = files.open(path, create=True)
    try:
        files.allocate(fd, path, segment_bytes)
    except StorageError:
        files.close(fd)
        with contextlib.suppress(StorageError):
            files.remove(path)
        raise
    return fd


def place_segment(files: Files, directory: Path, fd: int, header: SegmentHeader) -> None:
    """Write the header into the spare file and give it its segment's name."""
    path = spare_path(directory)
    files.write(fd, path, [header.encode()], 0)
    files.sync(fd, path)
    files.rename(path, segment_path(directory, header.segment))
    files.sync_folder(path.parent)


class SpareSegment:
    """The next segment, allocated by a thread of its own while the current one fills."""

    def __init__(self, files: Files, directory: Path, segment_bytes: int) -> None:
        self._files = files
        self._directory = directory
        self._segment_bytes = segment_bytes
        self._thread: threading.Thread | None = None
        self._fd: int | None = None
        self._failure: BaseException | None = None

    def start(self) -> None:
        """Begin to allocate, unless that was begun already."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._allocate, name="tarazy-spare-segment", daemon=True)
            self._thread.start()

    def _allocate(self) -> None:
        """Allocate ahead of time. A full disk is tried again by `take`; any other error is the writer's to raise."""
        try:
            self._fd = allocate_spare(self._files, self._directory, self._segment_bytes)
        except DiskFullError:
            pass
        except BaseException as error:
            self._failure = error

    def check(self) -> None:
        """Raise what went wrong in the thread: a device that failed there is not to be written to."""
        if self._failure is not None:
            raise self._failure

    def take(self) -> int:
        """Return the spare file, open; waits for it, or allocates it now."""
        if self._thread is not None:
            self._thread.join()
        self.check()
        fd, self._fd, self._thread = self._fd, None, None
        return allocate_spare(self._files, self._directory, self._segment_bytes) if fd is None else fd

    def discard(self) -> None:
        """Remove a spare file that nobody took."""
        if self._thread is not None:
            self._thread.join()
        if self._fd is not None:
            self._files.close(self._fd)
            self._files.remove(spare_path(self._directory))
        self._fd, self._thread = None, None
