"""Signed instructions: what an officer signs, and how signatures lie beside the commands in a frame.

An instruction is the record `PresentInstruction`, followed in the same frame by the commands that it covers. Its
signatures, keys and documents stand in the frame's instructions section, one entry for each such record, in order.

What is signed, little-endian:
    0    20  the line `tarazy instruction 1` and a line feed (21 bytes in all)
    21   16  facility_id
    37   u64 valid_until_ns
    45   u64 instruction_number, used once
    53   u64 known_seq: the last command of the record that the signers knew, 0 where they do not say
    61   32  SHA-256 of the covered commands, each with its ts_ns (bytes 8 to 15) zero: the sequencer gives the time
    93   u16 number of documents, then 32 bytes for each: the SHA-256 of what the officers read
An entry of the section:
    0    u32 entry_bytes | 4 u16 signer_count (1 or 2) | 6 u16 document_count
    8    32  each public key, then 64 each signature, in the order officer, approver; then 32 each document hash
The entries follow each other; the section's length in the frame's header ends the last one. Nothing here signs or
checks a signature.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from tarazy.domain.arithmetic import U64_MAX, div_floor
from tarazy.domain.records import RECORD_SIZE, CommandKind, PresentInstruction

SIGNED_LINE = b"tarazy instruction 1\n"
FACILITY_ID_SIZE = 16
KEY_SIZE = 32
SIGNATURE_SIZE = 64
DOCUMENT_SIZE = 32
SIGNERS_MAX = 2
SECTION_ALIGNMENT = 16
DOCUMENTS_MAX = 64
COMMANDS_MAX = 4095
U32_MAX = (1 << 32) - 1
PRESENT_KIND = int(CommandKind.present_instruction)

_SIGNED = struct.Struct("<21s16sQQQ32sH")
_ENTRY = struct.Struct("<IHH")


class InstructionError(ValueError):
    """An instruction that is not well formed: what was expected, what was found, what to do."""

    def __init__(
        self, *, expected: str, found: str, action: str = "Make the instruction again from its draft."
    ) -> None:
        self.expected, self.found, self.action = expected, found, action
        super().__init__(f"expected {expected}, found {found}. {action}")


class Entry(NamedTuple):
    """What the section holds of one instruction: who signed, their signatures, and the documents that they read."""

    public_keys: tuple[bytes, ...]
    signatures: tuple[bytes, ...]
    documents: tuple[bytes, ...] = ()


class Instruction(NamedTuple):
    """Commands that officers signed; `approver_id` is 0 where one is enough, `known_seq` where it is not said."""

    officer_id: int
    approver_id: int
    instruction_number: int
    valid_until_ns: int
    commands: bytes
    documents: tuple[bytes, ...]
    public_keys: tuple[bytes, ...]
    signatures: tuple[bytes, ...]
    known_seq: int = 0

    @property
    def command_count(self) -> int:
        """Return how many commands it covers."""
        return div_floor(len(self.commands), RECORD_SIZE)

    @property
    def entry(self) -> Entry:
        """Return what goes into the frame's section."""
        return Entry(self.public_keys, self.signatures, self.documents)

    def message(self, facility_id: bytes) -> bytes:
        """Return the bytes that its officers sign."""
        terms = (self.valid_until_ns, self.instruction_number, self.commands, self.documents)
        return signed_bytes(facility_id, *terms, known_seq=self.known_seq)


class Assembled(NamedTuple):
    """An instruction as it goes into a frame: the record and its commands, and the section's entry."""

    commands: bytes
    entry: bytes


class Signed(NamedTuple):
    """One signature of a frame and what it must be over; `place` counts commands up to the record."""

    place: int
    public_key: bytes
    signature: bytes
    message: bytes


def commands_digest(commands: bytes) -> bytes:
    """Return SHA-256 of the commands with every ts_ns zero."""
    count = _count(commands)
    timeless = bytearray(commands)
    for at in range(8, 16):
        timeless[at::RECORD_SIZE] = bytes(count)
    return sha256(timeless).digest()


def signers_hash(public_keys: Sequence[bytes]) -> bytes:
    """Return SHA-256 of the signers' public keys, in the order officer, approver."""
    return sha256(b"".join(public_keys)).digest()


def signed_bytes(
    facility_id: bytes,
    valid_until_ns: int,
    instruction_number: int,
    commands: bytes,
    documents: Sequence[bytes] = (),
    *,
    known_seq: int = 0,
) -> bytes:
    """Return the bytes that every signer of an instruction signs.

    Raises: InstructionError.
    """
    if len(facility_id) != FACILITY_ID_SIZE:
        raise InstructionError(expected="a facility_id of 16 bytes", found=f"{len(facility_id)} bytes")
    numbers = (("valid_until_ns", valid_until_ns, 1), ("instruction_number", instruction_number, 1))
    for name, value, least in (*numbers, ("known_seq", known_seq, 0)):
        if not least <= value <= U64_MAX:
            raise InstructionError(expected=f"{name} from {least} to {U64_MAX}", found=str(value))
    _check_documents(documents)
    digest = commands_digest(commands)
    terms = (valid_until_ns, instruction_number, known_seq)
    fixed = _SIGNED.pack(SIGNED_LINE, facility_id, *terms, digest, len(documents))
    return fixed + b"".join(documents)


def assemble(instruction: Instruction) -> Assembled:
    """Return the record with the commands that it covers, and the entry with the signatures.

    Raises: InstructionError.
    """
    officer_id, approver_id = instruction.officer_id, instruction.approver_id
    for name, value, least in (("officer_id", officer_id, 1), ("approver_id", approver_id, 0)):
        if not least <= value <= U32_MAX:
            raise InstructionError(expected=f"{name} from {least} to {U32_MAX}", found=str(value))
    signers = 1 if approver_id == 0 else 2
    if len(instruction.public_keys) != signers:
        raise InstructionError(expected=f"{signers} public keys", found=str(len(instruction.public_keys)))
    record = PresentInstruction(
        0,
        officer_id,
        approver_id,
        _count(instruction.commands),
        instruction.instruction_number,
        instruction.valid_until_ns,
        signers_hash(instruction.public_keys),
        instruction.known_seq,
    )
    return Assembled(record.pack() + instruction.commands, encode_entry(instruction.entry))


def encode_entry(entry: Entry) -> bytes:
    """Return an entry of the instructions section.

    Raises: InstructionError.
    """
    signers = len(entry.public_keys)
    if not 1 <= signers <= SIGNERS_MAX or len(entry.signatures) != signers:
        found = f"{signers} keys and {len(entry.signatures)} signatures"
        raise InstructionError(expected="one or two public keys and as many signatures", found=found)
    for name, parts, size in (
        ("public key", entry.public_keys, KEY_SIZE),
        ("signature", entry.signatures, SIGNATURE_SIZE),
    ):
        for part in parts:
            if len(part) != size:
                raise InstructionError(expected=f"a {name} of {size} bytes", found=f"{len(part)} bytes")
    _check_documents(entry.documents)
    body = b"".join((*entry.public_keys, *entry.signatures, *entry.documents))
    return _ENTRY.pack(_ENTRY.size + len(body), signers, len(entry.documents)) + body


def decode_entry(section: bytes, offset: int = 0) -> tuple[Entry, int]:
    """Return the entry at `offset` of a section and where the next one starts.

    Raises: InstructionError; no length is believed before it was checked.
    """
    room = len(section) - offset
    if room < _ENTRY.size:
        raise InstructionError(
            expected=f"an entry of at least {_ENTRY.size} bytes", found=f"{room} bytes", action=_READ
        )
    entry_bytes, signers, documents = _ENTRY.unpack_from(section, offset)
    if not 1 <= signers <= SIGNERS_MAX or documents > DOCUMENTS_MAX:
        found = f"{signers} signers and {documents} documents"
        expected = f"one or two signers and at most {DOCUMENTS_MAX} documents"
        raise InstructionError(expected=expected, found=found, action=_READ)
    size = _ENTRY.size + signers * (KEY_SIZE + SIGNATURE_SIZE) + documents * DOCUMENT_SIZE
    if entry_bytes != size or size > room:
        expected = f"an entry of {size} bytes inside the section"
        raise InstructionError(expected=expected, found=f"{entry_bytes} bytes, {room} to the end", action=_READ)
    at = offset + _ENTRY.size
    keys, at = _cut(section, at, KEY_SIZE, signers)
    signatures, at = _cut(section, at, SIGNATURE_SIZE, signers)
    hashes, at = _cut(section, at, DOCUMENT_SIZE, documents)
    return Entry(keys, signatures, hashes), at


def decode_section(section: bytes, count: int) -> list[Entry]:
    """Return the entries of a frame that holds `count` instructions; nothing may follow them but the frame's zeros.

    Raises: InstructionError.
    """
    entries, at = [], 0
    for _ in range(count):
        entry, at = decode_entry(section, at)
        entries.append(entry)
    rest = section[at:]
    if rest and (any(rest) or len(rest) >= SECTION_ALIGNMENT or len(section) % SECTION_ALIGNMENT):
        found = f"{len(rest)} bytes behind them"
        raise InstructionError(expected=f"{count} entries", found=found, action=_READ)
    return entries


def instructions_at(commands: bytes) -> list[int]:
    """Return the places, counted in commands, of the instructions' records among a frame's commands."""
    low, high = commands[::RECORD_SIZE], commands[1::RECORD_SIZE]
    found, at = [], low.find(PRESENT_KIND)
    while at >= 0:
        if high[at] == 0:
            found.append(at)
        at = low.find(PRESENT_KIND, at + 1)
    return found


def instructions_in(commands: bytes, section: bytes) -> list[tuple[int, Instruction]]:
    """Return the instructions of a frame, each with the place of its record among the commands.

    Raises: InstructionError where the section and the records do not fit each other.
    """
    places = instructions_at(commands)
    entries = decode_section(section, len(places))
    found, free = [], 0
    for index, entry in zip(places, entries, strict=True):
        if index < free:
            raise InstructionError(expected="ordinary commands in an instruction", found="an instruction", action=_READ)
        instruction = _read(commands, index, entry)
        free = index + 1 + instruction.command_count
        found.append((index, instruction))
    return found


def signatures_in(facility_id: bytes, commands: bytes, section: bytes) -> list[Signed]:
    """Return every signature of a frame with the bytes that it must be over.

    Raises: InstructionError.
    """
    found = []
    for index, instruction in instructions_in(commands, section):
        message = instruction.message(facility_id)
        for public_key, signature in zip(instruction.public_keys, instruction.signatures, strict=True):
            found.append(Signed(index, public_key, signature, message))
    return found


_READ = "The record is damaged or forged; keep it as it is and compare it with another copy."


def _read(commands: bytes, index: int, entry: Entry) -> Instruction:
    """Return the instruction whose record stands at a place, and check it against its entry."""
    at = index * RECORD_SIZE
    _, officer_id, approver_id, count, number, valid_until_ns, signers, known_seq = PresentInstruction.unpack(
        commands, at
    )
    covered = commands[at + RECORD_SIZE : at + (1 + count) * RECORD_SIZE]
    if not 1 <= count <= COMMANDS_MAX or len(covered) != count * RECORD_SIZE:
        expected = f"the {count} commands that the instruction covers, 1 to {COMMANDS_MAX}, in its own frame"
        raise InstructionError(expected=expected, found=str(div_floor(len(covered), RECORD_SIZE)), action=_READ)
    if len(entry.public_keys) != (1 if approver_id == 0 else 2):
        expected = f"the keys of officer {officer_id}" + (f" and approver {approver_id}" if approver_id else "")
        raise InstructionError(expected=expected, found=f"{len(entry.public_keys)} keys", action=_READ)
    if signers_hash(entry.public_keys) != signers:
        found = signers_hash(entry.public_keys).hex()
        raise InstructionError(expected=f"keys with the hash {signers.hex()}", found=found, action=_READ)
    terms = (officer_id, approver_id, number, valid_until_ns, covered, entry.documents)
    return Instruction(*terms, *entry[:2], known_seq)


def _count(commands: bytes) -> int:
    """Return how many commands there are."""
    count, rest = divmod(len(commands), RECORD_SIZE)
    if rest or not 1 <= count <= COMMANDS_MAX:
        expected = f"1 to {COMMANDS_MAX} commands of {RECORD_SIZE} bytes"
        raise InstructionError(expected=expected, found=f"{len(commands)} bytes", action="Split a larger batch.")
    return count


def _check_documents(documents: Sequence[bytes]) -> None:
    """Refuse too many documents and what is no hash."""
    if len(documents) > DOCUMENTS_MAX:
        raise InstructionError(expected=f"at most {DOCUMENTS_MAX} documents", found=str(len(documents)))
    for document in documents:
        if len(document) != DOCUMENT_SIZE:
            raise InstructionError(expected="document hashes of 32 bytes", found=f"{len(document)} bytes")


def _cut(section: bytes, at: int, size: int, count: int) -> tuple[tuple[bytes, ...], int]:
    """Return `count` pieces of `size` bytes from `at` on, and where they end."""
    end = at + size * count
    return tuple(bytes(section[place : place + size]) for place in range(at, end, size)), end
