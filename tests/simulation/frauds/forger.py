"""The forger: an operator who owns the facility's key and writes whatever journal it likes.

Everything it writes is consistent: frames, chain, digests, signatures. Only what the events claim is false.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tarazy.domain.records import EDITION, RECORD_SIZE, CommandKind, EventKind, TakeCheckpoint
from tarazy.journal.create import create_facility
from tarazy.journal.files import Files
from tarazy.journal.frame import EMPTY_DIGEST, FrameKind
from tarazy.journal.identity import Identity, load_signing_key
from tarazy.journal.reader import genesis
from tarazy.journal.statement import Statement
from tarazy.journal.writer import JournalWriter, Written
from tarazy.spec.venue import Venue

SEED = bytes(range(48))
CREATED_NS = 1_700_000_000_000_000_000


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
    identity = create_facility(
        directory,
        "Honest Venue",
        edition=EDITION,
        segment_bytes=1 << 16,
        created_ns=CREATED_NS,
        seed=SEED,
        files=Careless(),
    )
    key = load_signing_key(directory, identity)
    writer = JournalWriter(directory, identity, genesis(identity), files=Careless())
    for entry in entries:
        commands, events = entry.commands, entry.events
        written = writer.append(
            FrameKind.commands,
            commands,
            command_count=len(commands) // RECORD_SIZE,
            event_count=len(events) // RECORD_SIZE,
            events_digest=sha256(events).digest(),
        )
        if int.from_bytes(events[-RECORD_SIZE:][:2], "little") == EventKind.checkpoint_marked:
            payload = sign(statement_on(identity, written, entry)).signed(key).pack()
            writer.append(FrameKind.statement, payload, command_count=0, event_count=0, events_digest=EMPTY_DIGEST)
    writer.close()
    return directory


def statement_on(identity: Identity, written: Written, entry: Entry) -> Statement:
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
    )
