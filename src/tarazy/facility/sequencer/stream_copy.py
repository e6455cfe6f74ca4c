"""Copy a stream into a folder, which is then a journal like any other: `verify`, `replay` and `prove-frame` read it.

The folder gets the same bytes that a writer of local files would have left, since frames are the same and segments
follow from them. A later copy goes on where the one before ended. Cost: one sync for each frame.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tarazy.facility.sequencer.stream import StreamSettings
from tarazy.facility.sequencer.stream_address import check_address
from tarazy.facility.sequencer.stream_reader import StreamReader
from tarazy.journal.allocation import allocate_spare, place_segment
from tarazy.journal.errors import BrokenChainError, FacilityExistsError
from tarazy.journal.files import Files, write_whole
from tarazy.journal.frame import Frame, FrameDraft, Position, Written
from tarazy.journal.identity import IDENTITY_BYTES_MAX, IDENTITY_NAME, Identity, load_identity, parse_identity
from tarazy.journal.lock import FolderLock
from tarazy.journal.merkle import Frontier
from tarazy.journal.opening import read_plain
from tarazy.journal.reader import JournalReader
from tarazy.journal.segment import first_segment_header
from tarazy.journal.writer import JournalWriter

Progress = Callable[[int], None]


def copy_stream(
    stream: StreamSettings,
    identity_file: Path,
    directory: Path,
    *,
    files: Files | None = None,
    progress: Progress | None = None,
) -> Position:
    """Bring a folder up to the end that the stream has now, and return that end.

    `identity_file` is the facility's `facility.json`; the folder is new, or holds an earlier copy of this facility.
    `progress(frame_number)` is called for every frame.
    Raises: StreamAddressError; FacilityExistsError for a folder of another facility; FolderInUseError, DamageError,
    StorageError.
    """
    check_address(stream.url)
    directory, files = Path(directory), files or Files()
    text = read_plain(Path(identity_file), IDENTITY_BYTES_MAX, "read the facility's identity")
    identity = parse_identity(Path(identity_file), text)
    _prepare(directory, identity, text, files)
    lock = FolderLock(directory)
    try:
        position, tree = _end(directory, identity)
        writer = JournalWriter(directory, identity, position, tree=tree, lock=lock, files=files)
        try:
            with StreamReader(stream, identity, start=position) as reader:
                for frame in reader:
                    _write(writer, frame, directory)
                    if progress is not None:
                        progress(frame.header.frame_number)
        finally:
            writer.close()
    finally:
        lock.release()
    return writer.position


def _prepare(directory: Path, identity: Identity, text: bytes, files: Files) -> None:
    """Make an empty journal in a new folder; leave an earlier copy as it is."""
    if (directory / IDENTITY_NAME).exists():
        found = load_identity(directory)
        if found != identity:
            raise FacilityExistsError(
                directory, expected=f"facility {identity.facility_id.hex()}", found=found.facility_id.hex()
            )
        return
    for folder in (directory / "segments", directory / "snapshots"):
        files.make_folder(folder)
    fd = allocate_spare(files, directory, identity.segment_bytes)
    try:
        place_segment(files, directory, fd, first_segment_header(identity))
    finally:
        files.close(fd)
    write_whole(files, directory / IDENTITY_NAME, [text])


def _end(directory: Path, identity: Identity) -> tuple[Position, Frontier]:
    """Return where an earlier copy ends, and the tree up to there."""
    reader, tree = JournalReader(directory, identity=identity), Frontier()
    for frame in reader:
        tree.append(frame.frame_hash)
    return reader.position, tree


def _write(writer: JournalWriter, frame: Frame, directory: Path) -> None:
    """Append a frame as it is: what gave it its bytes in the stream gives it the same here."""
    header = frame.header
    written: list[Written] = []
    writer.writer_term = header.writer_term
    draft = FrameDraft(
        header.kind,
        frame.commands,
        frame.instructions,
        frame.references,
        header.event_count,
        header.events_digest,
        header.command_count,
    )
    writer.append(draft, written.append)
    if written[0].frame_hash != frame.frame_hash:
        raise BrokenChainError(
            directory,
            expected=f"hash {frame.frame_hash.hex()}, as in the stream",
            found=written[0].frame_hash.hex(),
            frame=header.frame_number,
        )
