"""The forger: an operator who owns the facility's key, and whose officers sign what it likes, writes any journal.

Everything it writes is consistent: frames, chain, digests, signatures. Only what the events claim is false. A thief,
who lacks the officers' keys, is in `thief.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tarazy.domain.instructions import Entry as Signatures
from tarazy.domain.instructions import encode_entry, signed_bytes
from tarazy.domain.records import EDITION, RECORD_SIZE, CommandKind, EventKind, PresentInstruction, TakeCheckpoint
from tarazy.domain.signer import KeySigner
from tarazy.journal.create import create_facility
from tarazy.journal.files import Files
from tarazy.journal.frame import FrameDraft, FrameKind, Position, Written
from tarazy.journal.identity import GenesisOfficer, Identity
from tarazy.journal.keys import load_signing_key
from tarazy.journal.statement import Statement
from tarazy.journal.writer import JournalWriter
from tarazy.spec.venue import Venue

from ...floor import ALL_ROLES, APPROVER, END_OF_TIME, OFFICER

SEED = bytes(range(48))
FACILITY_ID = SEED[:16]
FACILITY_KEY = KeySigner.from_seed(SEED[16:]).public_key
CREATED_NS = 1
OFFICER_KEYS = {number: KeySigner.from_seed(bytes([number]) * 32) for number in (OFFICER, APPROVER)}
GENESIS = tuple(GenesisOfficer(key.public_key, ALL_ROLES, 0, END_OF_TIME) for key in OFFICER_KEYS.values())


class Entry(NamedTuple):
    """One frame to be: its commands, the events that the operator claims they caused, and for a checkpoint the state's
    digest and liabilities root that it claims."""

    commands: bytes
    events: bytes
    state_digest: bytes = bytes(32)
    liabilities_root: bytes = bytes(32)


class Careless(Files):
    """Files that are not made durable: a forger is in a hurry."""

    def sync(self, fd: int, path: Path) -> None:
        """Do nothing."""


Trick = Callable[[Venue, bytes], bytes | Entry]
Sign = Callable[[Statement], Statement]


def entries_of(commands: Iterable[bytes], tricks: dict[int, Trick] | None = None) -> list[Entry]:
    """Return what a venue says to each command; at the sequence numbers of `tricks` it cheats.

    A cheating venue also stops checking itself.
    """
    venue = Venue()
    if tricks:
        venue.state.invariants.broken = lambda invariant, detail: None  # type: ignore[method-assign,assignment,return-value]
    entries = []
    for command in commands:
        trick = (tricks or {}).get(venue.next_seq, Venue.apply)
        told = trick(venue, command)
        if not isinstance(told, Entry):
            is_checkpoint = command[0] == CommandKind.take_checkpoint
            claims = (venue.state_digest(), venue.liabilities_root()) if is_checkpoint else ()
            told = Entry(command, told, *claims)
        entries.append(told)
    return entries


def forge(directory: Path, entries: Iterable[Entry], sign: Sign = lambda statement: statement) -> Path:
    """Write a journal of these entries; every checkpoint is signed, after `sign` has had its way with it."""
    identity = found(directory)
    key = load_signing_key(directory, identity)
    writer = JournalWriter(directory, identity, Position(1, identity.genesis_hash, 1), files=Careless())
    for entry in frames(entries):
        written = append(writer, entry)
        if entry.events and int.from_bytes(entry.events[-RECORD_SIZE:][:2], "little") == EventKind.checkpoint_marked:
            writer.append(sign(statement_on(identity, writer, written, entry)).signed(key).draft())
    writer.close()
    return directory


def found(directory: Path) -> Identity:
    """Create the facility, with both officers' signatures."""
    return create_facility(
        directory,
        "Honest Venue",
        edition=EDITION,
        segment_bytes=1 << 18,
        sector_bytes=512,
        created_ns=CREATED_NS,
        seed=SEED,
        officers=GENESIS,
        sign_officers=lambda message: [key.sign(message) for key in OFFICER_KEYS.values()],
        files=Careless(),
    )


def frames(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield the entries as frames: the key and the officers together, an instruction with what it covers.

    An entry of several commands is a frame already.
    """
    waiting: list[Entry] = []
    wanted = 1 + len(GENESIS)
    for entry in entries:
        waiting.append(entry)
        if len(entry.commands) > RECORD_SIZE:
            wanted = len(waiting)
        elif kind_of(entry.commands) == CommandKind.present_instruction:
            wanted = len(waiting) + PresentInstruction.unpack(entry.commands).command_count
        if len(waiting) >= wanted:
            yield joined(waiting)
            waiting, wanted = [], 1


def joined(entries: Sequence[Entry]) -> Entry:
    """Return entries as one frame; what the last one claims of the state stays."""
    commands = b"".join(entry.commands for entry in entries)
    return Entry(commands, b"".join(entry.events for entry in entries), *entries[-1][2:])


def append(writer: JournalWriter, entry: Entry) -> Written:
    """Append one frame, its instructions signed by whom they name."""
    done: list[Written] = []
    draft = FrameDraft(
        FrameKind.commands,
        entry.commands,
        signatures_of(entry.commands),
        event_count=len(entry.events) // RECORD_SIZE,
        events_digest=sha256(entry.events).digest(),
        command_count=len(entry.commands) // RECORD_SIZE,
    )
    writer.append(draft, done.append)
    return done[0]


def signatures_of(commands: bytes) -> bytes:
    """Return the entries of a frame's instructions, signed by the officers that they name."""
    section = []
    for at in range(0, len(commands), RECORD_SIZE):
        if kind_of(commands[at:]) == CommandKind.present_instruction:
            record = PresentInstruction.unpack(commands, at)
            covered = commands[at + RECORD_SIZE : at + (1 + record.command_count) * RECORD_SIZE]
            terms = (record.valid_until_ns, record.instruction_number)
            message = signed_bytes(FACILITY_ID, *terms, covered, known_seq=record.known_seq)
            keys = [OFFICER_KEYS[number] for number in (record.officer_id, record.approver_id) if number]
            public_keys = tuple(key.public_key for key in keys)
            section.append(encode_entry(Signatures(public_keys, tuple(key.sign(message) for key in keys))))
    return b"".join(section)


def kind_of(command: bytes) -> int:
    """Return a command's kind."""
    return int.from_bytes(command[:2], "little")


def statement_on(identity: Identity, writer: JournalWriter, written: Written, entry: Entry) -> Statement:
    """Return the statement on a checkpoint, not signed yet."""
    command = TakeCheckpoint.unpack(entry.commands, len(entry.commands) - RECORD_SIZE)
    return Statement(
        identity.facility_id,
        written.header.next_seq - 1,
        written.header.frame_number,
        written.frame_hash,
        entry.state_digest,
        entry.liabilities_root,
        command.ts_ns,
        EDITION,
        writer.tree.size,
        0,
        writer.tree.root(),
    )
