"""A journal with heads, written frame by frame: what proofs are asked of."""

from __future__ import annotations

from pathlib import Path

from tarazy.domain.records import EDITION, AdvanceTime
from tarazy.journal.create import create_facility
from tarazy.journal.frame import FrameDraft, FrameKind, Written
from tarazy.journal.keys import load_signing_key
from tarazy.journal.merkle import Frontier
from tarazy.journal.note import sign_head
from tarazy.journal.segment import genesis
from tarazy.journal.writer import JournalWriter

SEED = bytes(range(48))
CREATED_NS = 1_700_000_000_000_000_000


def commands_draft(number: int, command_count: int = 2) -> FrameDraft:
    """Return a frame of commands, each time others."""
    commands = b"".join(AdvanceTime(ts_ns=CREATED_NS + number * 100 + i).pack() for i in range(command_count))
    return FrameDraft(FrameKind.commands, commands, command_count=command_count)


def head_draft(note: bytes) -> FrameDraft:
    """Return the frame of a head."""
    return FrameDraft(FrameKind.head, note)


def write_journal(directory: Path, frames: int, head_every: int, *, false_head: bool = False) -> list[bytes]:
    """Write frames of commands and a head before every so many; return the hashes of all frames.

    With `false_head` the last frame is a head that leaves the first frame out of its tree.
    """
    identity = create_facility(
        directory, "Test venue", edition=EDITION, segment_bytes=32_768, created_ns=CREATED_NS, seed=SEED
    )
    key = load_signing_key(directory, identity)
    tree, hashes = Frontier(), list[bytes]()
    writer = JournalWriter(directory, identity, genesis(identity))

    def note_hash(written: Written) -> None:
        hashes.append(written.frame_hash)
        tree.append(written.frame_hash)

    for number in range(1, frames + 1):
        is_head = number % head_every == 0
        note = sign_head(identity.facility_id, tree.size, tree.root(), key) if is_head else b""
        writer.append(head_draft(note) if is_head else commands_draft(number), note_hash)
    if false_head:
        other = Frontier()
        for each in [*hashes[1:], hashes[0]]:
            other.append(each)
        note = sign_head(identity.facility_id, other.size, other.root(), key)
        writer.append(head_draft(note), note_hash)
    writer.close()
    return hashes
