"""Custody's hand in the record: what machines journal under their mandates, and what the record then says.

A command is signed by as many machine officers as it needs, each with its own key; the second looks at the facts itself
before it signs (`agrees`). Who asks for the same twice is safe: evidence counts once, and `sync` shows what is there.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from tarazy.domain.instructions import Instruction, assemble, signed_bytes
from tarazy.domain.records import EVENTS, PRIVILEGES, RECORD_SIZE, CommandRejected
from tarazy.domain.reject_codes import RejectCode
from tarazy.domain.signer import Signer
from tarazy.facility.custody.errors import CustodyRefusedError, RecordRefusedError
from tarazy.facility.custody.record_view import RecordView
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.follow_events import EventsFollower
from tarazy.journal.identity import load_identity

VALID_NS = 600 * 10**9
SYNC_S = 30.0


class Packed(Protocol):
    """A command record."""

    def pack(self) -> bytes:
        """Return the record as 96 bytes."""


class MachineOfficer(NamedTuple):
    """A machine officer of the record. `agrees` looks at the facts of a command before this officer signs it."""

    officer_id: int
    signer: Signer
    agrees: Callable[[Any], bool] = lambda _: True


class CommandOutcome(NamedTuple):
    """What came of one command: its number, its refusal (0 where it was done), its events."""

    seq: int
    reject_code: int
    events: tuple[Any, ...]

    @property
    def is_done(self) -> bool:
        """Say whether it was accepted."""
        return self.reject_code == 0


class CustodyRecord:
    """The record as custody writes and reads it. The sequencer's frames must be published (`published`)."""

    def __init__(self, sequencer: Sequencer, directory: Path, officers: Sequence[MachineOfficer]) -> None:
        self.sequencer = sequencer
        self.officers = tuple(officers)
        self.facility_id = load_identity(directory).facility_id
        self.view = RecordView()
        self._follower = EventsFollower(directory)
        self.sync()

    def close(self) -> None:
        """Close the files that are read; the sequencer is its owner's."""
        self._follower.close()

    def sync(self) -> RecordView:
        """Read what was released and return the view after it.

        Raises: CustodyRefusedError where the published events stay behind.
        """
        wanted, deadline = self.sequencer.released_seq, time.monotonic() + SYNC_S
        while True:
            for frame, events in self._follower.poll():
                self.view.apply(frame, events)
            if self.view.cursor.next_seq > wanted:
                return self.view
            if time.monotonic() > deadline:
                expected = f"the events of command {wanted} within {SYNC_S:g} s"
                found = f"those of command {self.view.cursor.next_seq - 1}"
                raise CustodyRefusedError("events file", expected=expected, found=found, action="See tarazy events")
            time.sleep(0.001)

    @property
    def last_ts_ns(self) -> int:
        """Return the record's time, not after which evidence arises."""
        return self.sequencer.engine.last_ts_ns

    def ask(self, command: Packed) -> CommandOutcome:
        """Journal a client's request, which needs no officer."""
        events = self.sequencer.execute(command.pack())
        self.sync()
        return outcomes(events, 1)[0]

    def instruct(self, commands: Sequence[Any]) -> list[CommandOutcome]:
        """Journal commands that the machine officers sign together; as many as each needs, at least the first.

        Raises: CustodyRefusedError where an officer does not agree; then nothing was journaled.
        """
        needed = max(PRIVILEGES[kind_of(each)].signers for each in commands)
        signers = self.officers[: min(needed, len(self.officers))]
        for officer in signers:
            for each in commands:
                if not officer.agrees(each):
                    found = f"officer {officer.officer_id}, who sees other facts"
                    name = type(each).__name__
                    raise CustodyRefusedError(name, expected="officers who see the same", found=found)
        packed = b"".join(each.pack() for each in commands)
        number, valid_ns = secrets.randbits(63) or 1, time.time_ns() + VALID_NS
        message = signed_bytes(self.facility_id, valid_ns, number, packed)
        ids = [officer.officer_id for officer in signers]
        keys = tuple(officer.signer.public_key for officer in signers)
        signatures = tuple(officer.signer.sign(message) for officer in signers)
        second = ids[1] if len(ids) > 1 else 0
        assembled = assemble(Instruction(ids[0], second, number, valid_ns, packed, (), keys, signatures))
        events = self.sequencer.execute(assembled.commands, instructions=assembled.entry)
        self.sync()
        presented, *rest = outcomes(events, 1 + len(commands))
        if not presented.is_done:
            raise refused("the instruction of custody's machines", presented.reject_code)
        return rest

    def instruct_one(self, command: Any) -> CommandOutcome:
        """Journal one command of the machine officers."""
        return self.instruct([command])[0]


def kind_of(command: Any) -> int:
    """Return the number of a command's kind."""
    return int.from_bytes(command.pack()[:2], "little")


def outcomes(events: bytes, count: int) -> list[CommandOutcome]:
    """Return what came of so many commands, from their events."""
    records = [
        EVENTS[int.from_bytes(events[at : at + 2], "little")].unpack(events, at)
        for at in range(0, len(events), RECORD_SIZE)
    ]
    by_seq: dict[int, list[Any]] = {}
    for each in records:
        by_seq.setdefault(each.seq, []).append(each)
    first = min(by_seq)
    found = []
    for seq in range(first, first + count):
        mine = by_seq.get(seq, [])
        rejected = next((each.reject_code for each in mine if isinstance(each, CommandRejected)), 0)
        found.append(CommandOutcome(seq, rejected, tuple(mine)))
    return found


def refused(what: str, reject_code: int, action: str = "") -> RecordRefusedError:
    """Return the error for a refusal, in the record's own word."""
    name = RejectCode(reject_code).name
    return RecordRefusedError(
        what, expected="a command that the record takes", found=name, action=action, code=reject_code
    )
