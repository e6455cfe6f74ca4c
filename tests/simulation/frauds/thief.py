"""The thief: it has the server, the folder and the facility's key, but no officer's key.

It appends a frame to an honest journal, claims that the command in it was done, and signs the head over it. Each way
of making up the officers' consent is one function here, from the command to the frame.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tarazy.domain.instructions import Assembled, Instruction, assemble, signed_bytes
from tarazy.domain.records import RECORD_SIZE
from tarazy.domain.signer import KeySigner
from tarazy.journal.frame import FrameDraft, FrameKind
from tarazy.journal.identity import load_identity
from tarazy.journal.keys import load_signing_key
from tarazy.journal.merkle import Frontier
from tarazy.journal.note import sign_head
from tarazy.journal.reader import JournalReader
from tarazy.journal.writer import JournalWriter

from ...floor import MINUTE_NS
from .forger import FACILITY_ID, OFFICER_KEYS, Careless

THIEFS_KEY = KeySigner.from_seed(b"thief" * 6 + b"!!")
NUMBER = 1 << 40


class Forged(NamedTuple):
    """The commands and the instructions section of a frame to be."""

    commands: bytes
    instructions: bytes


Way = Callable[[bytes, int, Assembled], Forged]


def signed(command: bytes, now_ns: int, keys: dict[int, KeySigner], number: int = NUMBER) -> Assembled:
    """Return a genuine instruction of the officers with these keys."""
    until = now_ns + MINUTE_NS
    message = signed_bytes(FACILITY_ID, until, number, command)
    officers = [*keys, 0][:2]
    public_keys = tuple(key.public_key for key in keys.values())
    signatures = tuple(key.sign(message) for key in keys.values())
    return assemble(Instruction(officers[0], officers[1], number, until, command, (), public_keys, signatures))


def unsigned(command: bytes, now_ns: int, old: Assembled) -> Forged:
    """Write the command alone."""
    return Forged(command, b"")


def in_their_names(command: bytes, now_ns: int, old: Assembled) -> Forged:
    """Name the officers and their keys, which everybody knows, and sign with another key."""
    honest = signed(command, now_ns, OFFICER_KEYS, NUMBER + 1)
    message = signed_bytes(FACILITY_ID, now_ns + MINUTE_NS, NUMBER + 1, command)
    keys = b"".join(key.public_key for key in OFFICER_KEYS.values())
    return Forged(honest.commands, honest.entry[:8] + keys + 2 * THIEFS_KEY.sign(message))


def with_own_keys(command: bytes, now_ns: int, old: Assembled) -> Forged:
    """Name the officers by number, and keys of its own as theirs."""
    other = KeySigner.from_seed(b"other" * 6 + b"!!")
    keys = dict(zip(OFFICER_KEYS, (THIEFS_KEY, other), strict=True))
    return Forged(*signed(command, now_ns, keys, NUMBER + 1))


def once_more(command: bytes, now_ns: int, old: Assembled) -> Forged:
    """Write an instruction again that was presented before."""
    return Forged(old.commands, old.entry)


def changed(command: bytes, now_ns: int, old: Assembled) -> Forged:
    """Write an old instruction's signatures beside a command that is not quite what was signed."""
    at = next(at for at in range(RECORD_SIZE + 16, 2 * RECORD_SIZE) if old.commands[at])
    return Forged(old.commands[:at] + bytes([old.commands[at] ^ 0x80]) + old.commands[at + 1 :], old.entry)


WAYS: dict[str, Way] = {
    "unsigned": unsigned,
    "signed by a key of its own in the officers' names": in_their_names,
    "signed by keys of its own as the officers'": with_own_keys,
    "an old instruction once more": once_more,
    "old signatures on a changed command": changed,
}


def stamped(commands: bytes, now_ns: int) -> bytes:
    """Return commands at a time."""
    stamp = now_ns.to_bytes(8, "little")
    pieces = [commands[at : at + RECORD_SIZE] for at in range(0, len(commands), RECORD_SIZE)]
    return b"".join(piece[:8] + stamp + piece[16:] for piece in pieces)


def append(directory: Path, forged: Forged, events: bytes) -> None:
    """Append a frame with these claimed events, and a head over it, signed with the facility's key."""
    identity = load_identity(directory)
    tree = Frontier()
    reader = JournalReader(directory, identity=identity)
    for frame in reader:
        tree.append(frame.frame_hash)
    writer = JournalWriter(directory, identity, reader.position, tree=tree, files=Careless())
    writer.append(
        FrameDraft(
            FrameKind.commands,
            *forged,
            event_count=len(events) // RECORD_SIZE,
            events_digest=sha256(events).digest(),
            command_count=len(forged.commands) // RECORD_SIZE,
        )
    )
    key = load_signing_key(directory, identity)
    writer.append(FrameDraft(FrameKind.head, sign_head(FACILITY_ID, tree.size, tree.root(), key)))
    writer.close()
