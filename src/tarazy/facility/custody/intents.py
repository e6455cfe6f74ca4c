"""What the record authorises, worked out by the signer itself: an own engine runs the journaled commands again.

Frames are read from the journal's files as they become durable, their chain and hashes checked; every officer's
signature is checked; the events that the engine gives must be those whose digest the frame holds. So whoever controls
custody's desk, its store, its pages or the events file cannot make the signer see another intent.

Known limit: the signer reads the copy of the journal that it is given. Give it one that the supervisor's head covers.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from tarazy.domain.engine import Engine
from tarazy.domain.instructions import InstructionError, instructions_in, signatures_in
from tarazy.domain.records import EVENTS, RECORD_SIZE, ROLE_MACHINE, OfficerRegistered, WithdrawalDispatched
from tarazy.facility.custody.errors import SignerRefusedError
from tarazy.facility.custody.record_view import LedgerWithdrawal, RecordView
from tarazy.journal.follow import Follower
from tarazy.journal.frame import Frame, FrameKind
from tarazy.journal.signatures import is_signed


class JournaledIntents:
    """The withdrawals of a record, as an own engine finds them."""

    def __init__(self, directory: Path, engine_type: type[Engine]) -> None:
        self.view = RecordView()
        self._machines = set[int]()
        self._by_people = set[tuple[int, bytes]]()
        self._engine = engine_type()
        self._follower = Follower(directory)
        self._facility_id = self._follower.identity.facility_id

    def close(self) -> None:
        """Close the files."""
        self._follower.close()

    def follow(self) -> RecordView:
        """Run what was journaled since the last call.

        Raises: DamageError; SignerRefusedError where commands, signatures and effects do not fit each other.
        """
        while frames := self._follower.poll():
            for frame in frames:
                events = self._run(frame) if frame.header.kind == FrameKind.commands else b""
                self._note_people(frame, events)
                self.view.apply(frame, events)
        return self.view

    def withdrawal(self, withdrawal_id: int) -> LedgerWithdrawal | None:
        """Return a withdrawal as the record has it now, None for one that it does not have."""
        return self.follow().withdrawals.get(withdrawal_id)

    def is_dispatched_by_people(self, withdrawal_id: int, evidence: bytes) -> bool:
        """Say whether two officers who are no machines dispatched a withdrawal by these very bytes."""
        return (withdrawal_id, evidence) in self._by_people

    def _note_people(self, frame: Frame, events: bytes) -> None:
        """Note which dispatches of a frame two people signed."""
        if not events:
            return
        happened = [
            EVENTS[int.from_bytes(events[at : at + 2], "little")].unpack(events, at)
            for at in range(0, len(events), RECORD_SIZE)
        ]
        for each in happened:
            if isinstance(each, OfficerRegistered) and each.officer_roles & ROLE_MACHINE:
                self._machines.add(each.officer_id)
        covered = set[int]()
        for index, instruction in instructions_in(bytes(frame.commands), bytes(frame.instructions)):
            signers = {instruction.officer_id, instruction.approver_id} - {0}
            if len(signers) == 2 and not signers & self._machines:
                first = frame.header.first_seq + index + 1
                covered |= set(range(first, first + instruction.command_count))
        for each in happened:
            if isinstance(each, WithdrawalDispatched) and each.seq in covered:
                self._by_people.add((each.withdrawal_id, each.evidence_hash))

    def _run(self, frame: Frame) -> bytes:
        where = f"frame {frame.header.frame_number}"
        try:
            signed = signatures_in(self._facility_id, bytes(frame.commands), bytes(frame.instructions))
        except InstructionError as error:
            raise SignerRefusedError(where, expected=error.expected, found=error.found) from error
        for each in signed:
            if not is_signed(each.public_key, each.signature, each.message):
                found = "another signature"
                raise SignerRefusedError(where, expected=f"a signature of {each.public_key.hex()}", found=found)
        events = self._engine.apply(bytes(frame.commands))
        digest = sha256(events).digest()
        if digest != frame.header.events_digest:
            raise SignerRefusedError(where, expected=frame.header.events_digest.hex(), found=digest.hex())
        return events
