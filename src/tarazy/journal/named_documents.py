"""The documents that a record names by hash: what its officers signed to have read, and what their commands rest on."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tarazy.domain.instructions import instructions_in
from tarazy.domain.records import COMMANDS, LAYOUT, RECORD_SIZE
from tarazy.journal.frame import FrameKind
from tarazy.journal.reader import JournalReader

# Fields that are the hash of a document by definition. An evidence hash is not among them: it may be a transaction's.
DOCUMENT_FIELDS = ("decision_hash", "rulebook_hash")


class Named(NamedTuple):
    """A document's SHA-256, and the first instruction that names it: its command's number and its own number."""

    digest: bytes
    seq: int
    instruction_number: int


def named_documents(directory: Path) -> list[Named]:
    """Return every document that signed instructions of a record name, in the order of the first that does.

    Raises: JournalError, InstructionError.
    """
    found: dict[bytes, Named] = {}
    for frame in JournalReader(directory):
        if frame.header.kind != FrameKind.commands:
            continue
        for place, instruction in instructions_in(frame.commands, frame.instructions):
            for digest in (*instruction.documents, *decisions_in(instruction.commands)):
                seq = frame.header.first_seq + place
                found.setdefault(digest, Named(digest, seq, instruction.instruction_number))
    return list(found.values())


def decisions_in(commands: bytes) -> list[bytes]:
    """Return the hashes of documents that commands carry in fields of their own; zeros are none."""
    found = []
    for at in range(0, len(commands), RECORD_SIZE):
        kind = COMMANDS[int.from_bytes(commands[at : at + 2], "little")]
        named = [field for field, *_ in LAYOUT[kind.__name__] if field in DOCUMENT_FIELDS]
        command = kind.unpack(commands, at) if named else None
        found += [digest for field in named if any(digest := getattr(command, field))]
    return found
