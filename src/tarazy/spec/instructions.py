"""Instructions: officers' signed words that cover the commands behind them.

A number counts as used until the validity of its instruction is over: later the instruction itself is refused, and
the number may name another one. Each accepted instruction forgets a few such numbers, so that their set stays bounded.
"""

from __future__ import annotations

from bisect import insort
from hashlib import sha256

from tarazy.domain.arithmetic import U64_MAX
from tarazy.domain.records import InstructionAccepted, ParameterTable, PresentInstruction
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.authority import check_instruction_time, valid_officer
from tarazy.spec.refusal import Refusal
from tarazy.spec.state import State
from tarazy.spec.state_parts import Officer

MS_NS = 1_000_000
VALIDITY_MAX_MS = 7 * 86_400_000
FORGOTTEN_AT_ONCE = 2


def present_instruction(state: State, command: PresentInstruction) -> None:
    """Accept an instruction: it covers the commands that follow."""
    # GATE
    if command.command_count == 0:
        raise Refusal(RejectCode.instruction_empty, 1, 0)
    check_instruction_validity(state, command.valid_until_ns)
    if command.instruction_number in state.authority.used_numbers:
        raise Refusal(RejectCode.instruction_number_used, 0, 1)
    signers = [valid_officer(state, command.officer_id, state.last_ts_ns)]
    if command.approver_id == command.officer_id:
        raise Refusal(RejectCode.four_eyes_required, 2, 1)
    if command.approver_id:
        signers.append(valid_officer(state, command.approver_id, state.last_ts_ns))
    check_signers_hash(signers, command.signers_hash)
    if command.known_seq >= state.seq:
        raise Refusal(RejectCode.known_seq_ahead, state.seq - 1, command.known_seq)
    # POST
    forget_numbers(state)
    insort(state.authority.numbers, (command.valid_until_ns, command.instruction_number))
    state.authority.used_numbers.add(command.instruction_number)
    instruction = state.authority.instruction
    instruction.seq = state.seq
    instruction.officer_id = command.officer_id
    instruction.approver_id = command.approver_id
    instruction.remaining = command.command_count
    instruction.valid_until_ns = command.valid_until_ns
    instruction.known_seq = command.known_seq
    instruction.is_whole = True
    # EMIT
    state.out.append(
        InstructionAccepted(
            seq=state.seq,
            officer_id=command.officer_id,
            approver_id=command.approver_id,
            command_count=command.command_count,
            instruction_number=command.instruction_number,
            valid_until_ns=command.valid_until_ns,
            signers_hash=command.signers_hash,
            known_seq=command.known_seq,
        ).pack()
    )


def check_instruction_validity(state: State, valid_until_ns: int) -> None:
    """Refuse an instruction whose validity is over or too long."""
    check_instruction_time(valid_until_ns, state.last_ts_ns)
    validity_ms = state.parameter(ParameterTable.instruction_validity_max_ms, 0) or VALIDITY_MAX_MS
    latest = min(state.last_ts_ns + validity_ms * MS_NS, U64_MAX)
    if valid_until_ns > latest:
        raise Refusal(RejectCode.instruction_validity_too_long, latest, valid_until_ns)


def check_signers_hash(signers: list[Officer], signers_hash: bytes) -> None:
    """Refuse an instruction that names other keys than its officers have."""
    expected = sha256(b"".join(officer.public_key for officer in signers)).digest()
    if signers_hash != expected:
        words = (int.from_bytes(value[:16], "little") for value in (expected, signers_hash))
        raise Refusal(RejectCode.signers_hash_mismatch, *words)


def forget_numbers(state: State) -> None:
    """Forget a few numbers whose instructions are over."""
    numbers = state.authority.numbers
    for _ in range(FORGOTTEN_AT_ONCE):
        if not numbers or numbers[0][0] > state.last_ts_ns:
            return
        state.authority.used_numbers.discard(numbers.pop(0)[1])
