"""What came of an instruction that was handed in: of the instruction itself and of each of its commands."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from tarazy.domain.records import EVENTS, RECORD_SIZE, CommandRejected
from tarazy.domain.reject_codes import REJECT_INFO, RejectCode
from tarazy.facility.officers.command_text import moment_text
from tarazy.facility.officers.drafts import Draft
from tarazy.facility.officers.errors import DraftError


class InstructedCommand(NamedTuple):
    """What came of one command: its number, its name, and the refusal's name, empty where it was done."""

    seq: int
    command: str
    refused: str


class InstructionOutcome(NamedTuple):
    """What came of a whole instruction. Units: UTC nanoseconds of the record, and nanoseconds from hand to disk."""

    first_seq: int
    ts_ns: int
    taken_ns: int
    answers: tuple[InstructedCommand, ...]

    @property
    def refused(self) -> int:
        """Return how many were refused."""
        return sum(bool(answer.refused) for answer in self.answers)

    @property
    def was_used_before(self) -> bool:
        """Say whether the record had this instruction already."""
        return self.answers[0].refused == RejectCode.instruction_number_used.name

    def plain(self) -> dict[str, Any]:
        """Return the outcome as plain data."""
        answers = [
            answer._asdict() | ({"advice": REJECT_INFO[RejectCode[answer.refused]].advice} if answer.refused else {})
            for answer in self.answers
        ]
        took = {"time": moment_text(self.ts_ns // 1_000 * 1_000), "took_ms": round(self.taken_ns / 1_000_000, 3)}
        return {"first_seq": self.first_seq, **took, "refused": self.refused, "answers": answers}


def check_handed_in(facility_id: bytes, facility: str, draft: Draft) -> None:
    """Refuse a draft for another facility, or whose validity is over, before anything is ordered.

    Raises: DraftError.
    """
    if facility_id != draft.facility_id:
        expected = f"an instruction to {facility} ({facility_id.hex()})"
        found = f"one to {draft.facility} ({draft.facility_id.hex()})"
        raise DraftError("draft", expected=expected, found=found)
    if draft.valid_until_ns <= time.time_ns():
        found = f"one until {moment_text(draft.valid_until_ns)}"
        raise DraftError("draft", expected="an instruction that is valid", found=found, action="Draft it again")


def answers_of(draft: Draft, first_seq: int, events: bytes) -> tuple[InstructedCommand, ...]:
    """Return what came of the instruction itself and of each of its commands."""
    kind = CommandRejected().pack()[:2]
    refused = {
        event.seq: RejectCode(event.reject_code).name
        for at in range(0, len(events), RECORD_SIZE)
        if events[at : at + 2] == kind
        for event in (EVENTS[int.from_bytes(kind, "little")].unpack(events, at),)
    }
    names = ("PresentInstruction", *(type(command).__name__ for command in draft.commands))
    return tuple(InstructedCommand(seq, name, refused.get(seq, "")) for seq, name in enumerate(names, first_seq))
