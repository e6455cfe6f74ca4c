"""The officers' signatures in a journal, followed frame by frame and checked in batches.

What this proves: frame 1 has exactly the key and the officers of facility.json; beside every PresentInstruction stand
the keys that it names and valid signatures over the commands that follow it; every key came in with facility.json or by
a signed act before; and a key of the facility by an act of two administrators, because what it signs is believed.
Whether an officer had the right (role, mandate, state, validity, a number used once) is the engine's to say, so that a
replay proves the rest.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tarazy.domain.instructions import InstructionError as EntryError
from tarazy.domain.instructions import commands_digest, instructions_in
from tarazy.domain.records import (
    COMMANDS,
    RECORD_SIZE,
    ROLE_ADMINISTRATOR,
    CommandKind,
    RegisterOfficer,
    RotateFacilityKey,
    RotateOfficerKey,
)
from tarazy.journal.errors import DamageError, GenesisError, InstructionError
from tarazy.journal.frame import Frame
from tarazy.journal.genesis import GENESIS_KINDS, genesis_commands
from tarazy.journal.identity import Identity
from tarazy.journal.signatures import Check, SignaturePool

BATCH = 20_000


class _Waiting(NamedTuple):
    """A signature that is not checked yet."""

    frame_number: int
    seq: int
    check: Check


class Attestation:
    """Follow the instructions of a journal from its first frame; `finish` checks what still waits.

    `instructions` and `signatures` count what was found; `facility_keys` are keys that a signed act has named for the
    facility and that it has not used yet.
    """

    def __init__(self, directory: Path, identity: Identity, pool: SignaturePool) -> None:
        self.instructions = self.signatures = 0
        self.facility_keys: set[bytes] = set()
        self._directory = directory
        self._identity = identity
        self._pool = pool
        self._known = {officer.public_key for officer in identity.officers}
        # Keys that are an administrator's, or that two such keys have named.
        self._administrators = {each.public_key for each in identity.officers if each.roles & ROLE_ADMINISTRATOR}
        self._genesis_is_open = True
        self._waiting: list[_Waiting] = []

    def add(self, frame: Frame) -> None:
        """Take the next frame of commands.

        Raises: GenesisError, InstructionError (also for an earlier frame, when a batch is full).
        """
        if self._genesis_is_open:
            self._check_genesis(frame)
        try:
            found = instructions_in(frame.commands, frame.instructions)
        except EntryError as error:
            raise self._error(frame.header.frame_number, error.expected, error.found) from error
        for index, instruction in found:
            message, seq = instruction.message(self._identity.facility_id), frame.header.first_seq + index
            self.instructions += 1
            for key, signature in zip(instruction.public_keys, instruction.signatures, strict=True):
                if key not in self._known:
                    expected = f"keys of registered officers at command {seq}"
                    raise self._error(frame.header.frame_number, expected, f"the key {key.hex()}")
                self._waiting.append(_Waiting(frame.header.frame_number, seq, (key, signature, message)))
            signers = set(instruction.public_keys)
            self._learn(instruction.commands, len(signers) == 2 and signers <= self._administrators)
        if len(self._waiting) >= BATCH:
            self.finish()

    def finish(self) -> None:
        """Check the signatures that wait. Raises: InstructionError at the first that does not hold."""
        waiting, self._waiting = self._waiting, []
        self.signatures += len(waiting)
        for each, holds in zip(waiting, self._pool.verify([each.check for each in waiting]), strict=True):
            if not holds:
                expected = f"a signature by {each.check[0].hex()} over the instruction at command {each.seq}"
                raise self._error(each.frame_number, expected, "another signature")

    def _learn(self, commands: bytes, by_administrators: bool) -> None:
        """Take in the keys that a signed act names; one whose signature does not hold ends the verification anyway.

        Whether the engine took a rotation is for it to say: a replay compares.
        """
        for at in range(0, len(commands), RECORD_SIZE):
            kind = int.from_bytes(commands[at : at + 2], "little")
            if kind in (CommandKind.register_officer, CommandKind.rotate_officer_key):
                record: RegisterOfficer | RotateOfficerKey = COMMANDS[kind].unpack(commands, at)
                self._known.add(record.public_key)
                if by_administrators and getattr(record, "officer_roles", ROLE_ADMINISTRATOR) & ROLE_ADMINISTRATOR:
                    self._administrators.add(record.public_key)
            elif kind == CommandKind.rotate_facility_key and by_administrators:
                self.facility_keys.add(RotateFacilityKey.unpack(commands, at).public_key)

    def _check_genesis(self, frame: Frame) -> None:
        """Refuse officers and a key that nobody signed for: without an instruction those of facility.json come in."""
        kinds = [int.from_bytes(frame.commands[at : at + 2], "little") for at in range(0, len(frame.commands), 96)]
        registered = next((at for at, kind in enumerate(kinds) if kind not in GENESIS_KINDS), len(kinds))
        self._genesis_is_open = registered == len(kinds)
        commands = genesis_commands(self._identity) if frame.header.frame_number == 1 else b""
        is_right = registered == 0 if not commands else _is_same(frame.commands, commands)
        if not is_right:
            raise GenesisError(
                self._directory,
                expected=f"{len(commands) // RECORD_SIZE} commands, the genesis of facility.json, in frame 1 alone",
                found=f"{registered} commands of a genesis",
                frame=frame.header.frame_number,
            )

    def _error(self, frame_number: int, expected: str, found: str) -> DamageError:
        return InstructionError(self._directory, expected=expected, found=found, frame=frame_number)


def _is_same(commands: bytes, expected: bytes) -> bool:
    """Say whether commands are the expected ones but for their times."""
    return len(commands) == len(expected) and commands_digest(commands) == commands_digest(expected)
