"""Make durable what a start has read, before anything is built on it.

A start sees the page cache. After a kill it may show frames that no sync has confirmed; after a failed sync the kernel
may have marked the lost pages clean, and another sync of them would report success for nothing. So the used part of
the last segment is written to a new file, synced, and put in the old one's place; whatever the start then acknowledges
stands on bytes that the device has. Segments before it are durable: a segment is only begun when all before it is.
Why not a sync of the old file: docs/decisions/2026-11-29-recovery-rewrites-the-tail.md.
"""

from __future__ import annotations

from pathlib import Path

from tarazy.journal.allocation import allocate_spare, spare_path
from tarazy.journal.files import Files, write_whole
from tarazy.journal.identity import IDENTITY_BYTES_MAX, IDENTITY_NAME, Identity
from tarazy.journal.keys import keys_folder
from tarazy.journal.opening import read_plain
from tarazy.journal.segment import segment_path
from tarazy.journal.segment_file import WINDOW_BYTES, SegmentFile
from tarazy.journal.tail import Place


def settle(files: Files, directory: Path, identity: Identity, place: Place, hash_end: bytes = b"") -> None:
    """Make the journal up to `place`, in its last segment, durable; what stands behind it there is gone.

    `hash_end` are bytes to put at `place`, the end of a hash that a crash cut off.
    Units: writes what is used of one segment and reserves one.  Raises: StorageError; the old file is then untouched.
    """
    path, new = segment_path(directory, place.segment), spare_path(directory)
    fd = allocate_spare(files, directory, identity.segment_bytes)
    try:
        with SegmentFile(path) as old:
            for offset in range(0, place.offset, WINDOW_BYTES):
                files.write(fd, new, [old.read(offset, min(WINDOW_BYTES, place.offset - offset))], offset)
        if hash_end:
            files.write(fd, new, [hash_end], place.offset)
        files.sync(fd, new)
    finally:
        files.close(fd)
    files.rename(new, path)
    files.sync_folder(path.parent)
    text = read_plain(directory / IDENTITY_NAME, IDENTITY_BYTES_MAX, "read the facility's identity")
    write_whole(files, directory / IDENTITY_NAME, [text])
    files.sync_folder(keys_folder(directory).parent)
