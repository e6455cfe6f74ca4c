"""Everything that can go wrong with a journal, as exceptions with typed attributes.

One root, two families: `DamageError` says that the record is not what was written, `StorageError` that the machine
cannot read or write it. Every sentence has the same order: where, what, expected, found, what to do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any


class JournalError(Exception):
    """Root of all errors of the journal."""

    what = "the journal cannot be used"
    action = "Read docs/concepts/durability.md."

    def __init__(
        self,
        path: Path,
        *,
        expected: str,
        found: str,
        what: str = "",
        action: str = "",
        segment: int | None = None,
        frame: int | None = None,
        offset: int | None = None,
    ) -> None:
        self.path = path
        self.expected = expected
        self.found = found
        self.what = what or type(self).what
        self.action = action or type(self).action
        self.segment = segment
        self.frame = frame
        self.offset = offset
        super().__init__(str(path), self.what, expected, found)

    @property
    def place(self) -> str:
        """Return where it happened: the file, and the segment, frame and byte where they are known."""
        parts = [str(self.path)]
        for word, number in (("segment", self.segment), ("frame", self.frame), ("byte", self.offset)):
            if number is not None:
                parts.append(f"{word} {number}")
        return ", ".join(parts)

    def __str__(self) -> str:
        return f"{self.place}: {self.what}: expected {self.expected}, found {self.found}. {self.action}"

    def __reduce__(self) -> tuple[Any, ...]:
        """Let the error travel between processes with all its attributes."""
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(kind: type[JournalError], arguments: tuple[Any, ...], attributes: dict[str, Any]) -> JournalError:
    """Make an error again that came from another process."""
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(attributes)
    return error


# ---------------------------------------------------------------- damage: the record is not what was written


class DamageError(JournalError):
    """Root of the damages that a verification reports."""

    what = "the record was changed"
    action = "Do not start here: keep this folder for the inquiry and bring the file back from a copy."


class TornTailError(DamageError):
    """The last frame was being written when the machine stopped; it was never acknowledged."""

    what = "the last frame is torn, a crash cut it off while it was being written"
    action = "Start the facility: it cuts this frame, which nobody was told about, or finishes its hash, and says so."

    def __init__(
        self,
        path: Path,
        *,
        expected: str,
        found: str,
        segment: int,
        frame: int,
        offset: int,
        hash_end: bytes = b"",
        hash_end_at: int = 0,
    ) -> None:
        self.cut_from = offset
        # What the frame's hash lacks, and where it goes, when all before it is there: the start finishes it.
        self.hash_end, self.hash_end_at = hash_end, hash_end_at
        super().__init__(path, expected=expected, found=found, segment=segment, frame=frame, offset=offset)


class ChangedByteError(DamageError):
    """A frame does not have the hash that was written with it."""

    what = "bytes of a frame changed after they were written"


class UnusedBytesError(DamageError):
    """A byte that no frame uses is not zero."""

    what = "a byte that must be zero is not"


class BrokenChainError(DamageError):
    """A whole frame stands where another one belongs."""

    what = "the chain of frames is broken"


class SegmentHeaderError(DamageError):
    """The first 4096 bytes of a segment are not its header."""

    what = "the segment's header was changed"


class SegmentSizeError(DamageError):
    """A segment file is longer or shorter than its header says."""

    what = "the segment file has the wrong size"


class MissingSegmentError(DamageError):
    """A segment is not there."""

    what = "a segment is missing"
    action = "Bring the file back from a copy; without it nothing after it can be proven."


class SignatureError(DamageError):
    """A checkpoint statement or a head does not carry the facility's signature."""

    what = "a signature is not the facility's"
    action = "Ask the facility for what it signed and treat everything after it as unproven."


class HeadError(DamageError):
    """A signed head has another tree than the frames before it."""

    what = "a signed head contradicts the record"


class InstructionError(DamageError):
    """A privileged command has no valid signatures of registered officers beside it."""

    what = "an instruction is not signed as it says"
    action = "Treat the commands that it covers as forged and ask the officers named what they signed."


class GenesisError(DamageError):
    """The first frame does not register exactly the officers of facility.json."""

    what = "the first frame does not register the officers that facility.json names"
    action = "Do not rely on any instruction in this journal."


class StatementError(DamageError):
    """A signed checkpoint statement says something else than the record it stands in."""

    what = "a checkpoint statement contradicts the record"


class SnapshotError(DamageError):
    """A snapshot is not the state that the facility signed."""

    what = "a snapshot was changed"
    action = "Move this file away; the start then replays from the snapshot before it."


class ShortenedError(DamageError):
    """The journal ends before something that is known to have been in it."""

    what = "the journal is shorter than it was"
    action = "Bring the missing segments back from a copy; acknowledged commands are gone from this folder."


class IdentityError(DamageError):
    """`facility.json` or the key is not what the segments name."""

    what = "the facility's identity does not match its journal"


class WrongEditionError(DamageError):
    """The journal was written by another edition of the state machine."""

    what = "the journal belongs to another edition of the state machine"
    action = "Use the release whose engine has the journal's edition."


class ReplayDivergedError(DamageError):
    """Replaying a frame gives other events or another state than the facility recorded."""

    what = "replay gives another result than the record"
    action = "Replay with the other engine: if it agrees with this one, the record is false; if not, an engine is."

    def __init__(
        self,
        path: Path,
        *,
        first_seq: int,
        last_seq: int,
        expected: str,
        found: str,
        frame: int,
        what: str = "",
    ) -> None:
        self.first_seq = first_seq
        self.last_seq = last_seq
        what = what or f"replay of the commands {first_seq} to {last_seq} gives another result than the record"
        super().__init__(path, expected=expected, found=found, what=what, frame=frame)


# ---------------------------------------------------------------- storage: the machine cannot read or write it


class StorageError(JournalError):
    """Root of the errors of the machine below."""


class DiskFullError(StorageError):
    """There is no room for the next segment or snapshot."""

    what = "the disk is full"
    action = "Free space or add some, then start again; every acknowledged command is on disk."


class ReadOnlyError(StorageError):
    """The folder cannot be written."""

    what = "the folder cannot be written"
    action = "Mount it read-write and give the facility's user the right to write, or only verify and replay."


class WriteFailedError(StorageError):
    """The device refused a write or a sync; what it holds since the last sync is unknown."""

    what = "the device failed"
    action = (
        "Check the device, then start again, here or on a copy: the start writes what it reads to new blocks before it "
        "goes on. What was acknowledged is there; what was not may be."
    )


class ReadFailedError(StorageError):
    """A file cannot be read."""

    what = "the file cannot be read"
    action = "Check its rights and the device, or read a copy of the folder."


class NotAPlainFileError(StorageError):
    """A link, a FIFO, a device or a folder stands where a file belongs."""

    what = "this is no plain file"
    action = "Take it away and put the file itself there; a journal follows no links and reads no devices."


class TooLargeError(StorageError):
    """A file is larger than any that the journal writes."""

    what = "the file is larger than any that is written here"
    action = "Bring the file back from a copy; nothing of it was read."


class OpenKeyError(StorageError):
    """Others than the owner may read the private key."""

    what = "others can read the private key"
    action = "Take their rights away (chmod 600 the key, 700 its folder), and rotate the key if somebody may have it."


class KeyExistsError(StorageError):
    """There is a private key already where a new one would go."""

    what = "there is a private key here already"
    action = "Move it to a safe place or choose another folder; a key is never overwritten."


class FolderChangedError(StorageError):
    """A file or the folder was removed, replaced or renamed under the running writer."""

    what = "the journal was removed or replaced under the writer"
    action = "Put back what was moved and start again; what was acknowledged is in the files that were taken away."


class FolderInUseError(StorageError):
    """Another writer has the folder."""

    what = "another writer has this folder"
    action = "Stop that process first; a journal has one writer."


class NotAFacilityError(StorageError):
    """There is no facility in this folder."""

    what = "there is no facility in this folder"
    action = "Check the path, or create a facility there first."


class FacilityExistsError(StorageError):
    """There is a facility in this folder already."""

    what = "there is a facility in this folder already"
    action = "Open it, or choose an empty folder; a journal is never overwritten."


class EmptySectorError(StorageError):
    """A frame has a run of zeros that a reader would take for a sector that was never written."""

    what = "the frame has a run of zeros as long as a sector"
    action = "Leave out documents whose hash is zero; nothing was written."


class FrameTooLargeError(StorageError):
    """A frame does not fit into one segment."""

    what = "the frame does not fit into a segment"
    action = "Write smaller frames or create the facility with larger segments."
