"""Instructions are checked before they are ordered: a forged one costs its sender an error and the journal nothing.

What can be known without the state is checked here, in the caller's thread: that each PresentInstruction has its entry,
that the keys are those of the officers that it names, and that every signature holds over the facility, the validity,
the number, the commands and the documents. What depends on the state (roles, mandates, validity, used numbers) is the
engine's to decide, and a replay checks both again.
"""

from __future__ import annotations

from collections.abc import Mapping

from tarazy.domain.instructions import Instruction, InstructionError, instructions_at, instructions_in
from tarazy.journal.signatures import is_signed

OfficerKeys = Mapping[int, bytes]
_ACTION = "Nothing was ordered; make the instruction again and let its officers sign it."


def check_instructions(facility_id: bytes, officers: OfficerKeys, commands: bytes, instructions: bytes) -> None:
    """Refuse commands whose instructions are not signed by the officers that they name.

    Shape: `instructions` holds the entries of all PresentInstruction records of `commands`, in their order.
    Raises: InstructionError.
    """
    if not instructions:
        if instructions_at(commands):
            raise InstructionError(expected="an entry with signatures", found="none", action=_ACTION)
        return
    for _, instruction in instructions_in(commands, instructions):
        _check(facility_id, officers, instruction)


def _check(facility_id: bytes, officers: OfficerKeys, instruction: Instruction) -> None:
    """Refuse one instruction that is not signed by its officers."""
    message = instruction.message(facility_id)
    signers = [instruction.officer_id] + [instruction.approver_id] * (instruction.approver_id != 0)
    for officer_id, key, signature in zip(signers, instruction.public_keys, instruction.signatures, strict=True):
        known = officers.get(officer_id)
        if known != key:
            expected = "a registered officer" if known is None else f"the key {known.hex()}"
            found = f"officer {officer_id} with the key {key.hex()}"
            raise InstructionError(expected=expected, found=found, action=_ACTION)
        if not is_signed(key, signature, message):
            expected = f"a signature of officer {officer_id} over these commands"
            raise InstructionError(expected=expected, found="another signature", action=_ACTION)
