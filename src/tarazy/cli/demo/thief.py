"""A thief who has the server, the folder and the facility's key, but no officer's key: what it can write, and who sees.

On a copy of the journal the thief credits itself a deposit: an instruction in the names of two officers, whose public
keys everybody knows, signed with a key of its own; then the frame's hash, the chain and the head, signed anew with the
facility's key. The engine believes the record, as it must; whoever checks the officers' signatures does not.
"""

from __future__ import annotations

import shutil
import tempfile
from hashlib import sha256
from pathlib import Path

from tarazy.domain.instructions import Instruction, assemble, signed_bytes
from tarazy.domain.records import RECORD_SIZE
from tarazy.domain.signer import KeySigner
from tarazy.journal.frame import FrameDraft, FrameKind
from tarazy.journal.identity import load_identity
from tarazy.journal.keys import keys_folder, load_signing_key
from tarazy.journal.merkle import Frontier
from tarazy.journal.note import sign_head
from tarazy.journal.reader import JournalReader
from tarazy.journal.verify import VerifyReport, verify
from tarazy.journal.writer import JournalWriter
from tarazy.market_data.acting import HOUR_NS, Desk
from tarazy.spec.venue import Venue


def verify_forgery(directory: Path, state: bytes, command: bytes, desk: Desk) -> VerifyReport:
    """Return what `verify` finds in a copy of the journal to which a thief has added a command.

    `state` is the snapshot at the journal's end, `desk` lends the officers' public keys and nothing else.
    """
    with tempfile.TemporaryDirectory(prefix="tarazy-thief-", dir=directory.resolve().parent) as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(directory, copy)
        shutil.copytree(keys_folder(directory), keys_folder(copy))
        add_frame(copy, state, command, desk)
        return verify(copy)


def add_frame(directory: Path, state: bytes, command: bytes, desk: Desk) -> None:
    """Append one frame with the command under a forged instruction, and a signed head over it."""
    venue = Venue.restore(state)
    stamp = venue.last_ts_ns.to_bytes(8, "little")
    assembled = assemble(forged(command, venue.last_ts_ns, desk))
    records = assembled.commands
    commands = b"".join(
        records[at : at + 8] + stamp + records[at + 16 : at + RECORD_SIZE] for at in range(0, len(records), RECORD_SIZE)
    )
    events = venue.apply(commands)
    draft = FrameDraft(
        FrameKind.commands,
        commands,
        assembled.entry,
        event_count=len(events) // RECORD_SIZE,
        events_digest=sha256(events).digest(),
        command_count=len(commands) // RECORD_SIZE,
    )
    append_signed(directory, draft)


def forged(command: bytes, now_ns: int, desk: Desk) -> Instruction:
    """Return an instruction of the desk's two people whose signatures the thief has made."""
    thief = KeySigner.generate()
    number, valid_until_ns = (1 << 63) + 1, now_ns + HOUR_NS
    signature = thief.sign(signed_bytes(desk.facility_id, valid_until_ns, number, command))
    first, second = desk.people
    keys, signatures = (first.public_key, second.public_key), (signature, signature)
    numbers = (first.officer_id, second.officer_id, number, valid_until_ns)
    return Instruction(*numbers, command, (), keys, signatures)


def append_signed(directory: Path, draft: FrameDraft) -> None:
    """Append a frame and a head over it, signed with the facility's key."""
    identity = load_identity(directory)
    tree = Frontier()
    reader = JournalReader(directory, identity=identity)
    for frame in reader:
        tree.append(frame.frame_hash)
    writer = JournalWriter(directory, identity, reader.position, tree=tree)
    try:
        writer.append(draft)
        note = sign_head(identity.facility_id, tree.size, tree.root(), load_signing_key(directory, identity))
        writer.append(FrameDraft(FrameKind.head, note))
    finally:
        writer.close()
